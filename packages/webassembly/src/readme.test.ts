import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import * as api from './index.ts';

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');

it("prints what the README's example says", async () => {
  const example = read('testing/example.ts');
  expect(read('../README.md')).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await import('./testing/example.ts');
  expect(log.mock.calls).toEqual([[/console\.log\(.*\/\/ (.*)/.exec(example)![1]]]);
  log.mockRestore();
});

it('lists every export in the README', () => {
  const readme = read('../README.md');
  expect(Object.keys(api).filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
});
