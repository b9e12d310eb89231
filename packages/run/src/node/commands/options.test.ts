import { join, resolve } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { userPath } from './options.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it("resolves paths from the user's folder when pnpm runs the script in the package", () => {
  vi.stubEnv('INIT_CWD', '/home/user');
  vi.stubEnv('npm_lifecycle_event', 'train');
  expect(userPath('data/mnist', 'train')).toBe(resolve('/home/user/data/mnist'));
  expect(userPath('/data', 'train')).toBe(resolve('/data'));
});

it('resolves paths from the working folder otherwise', () => {
  // The variables of `pnpm test` do not count.
  vi.stubEnv('INIT_CWD', '/home/user');
  vi.stubEnv('npm_lifecycle_event', 'test');
  expect(userPath('data', 'train')).toBe(join(process.cwd(), 'data'));
});
