import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const run = (...argv: readonly string[]) => runProgram(join(import.meta.dirname, '..', 'cli.ts'), argv);

describe('predict --labels, and stamps', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-names-'));
    vi.stubEnv('MOTLEY_CACHE', folder);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it.each([
    [['predict', 'x.jpg', '--labels', 'pizza'], '--labels: expected two labels or more'],
    [['predict', '--labels=pizza, steak'], 'predict: expected JPEG, PNG or WebP files, got none'],
    [['predict', 'x.jpg', '--labels', 'pizza, steak'], 'found none in the cache; run `'],
    [['stamps', 'a', 'b'], 'stamps: expected one folder, got 2'],
  ])('%j is refused in one line', async (argv, message) => {
    const { status, errors } = await run(...argv);
    expect(status).toBe(2);
    expect(errors).toContain(message);
    expect(errors.trim()).not.toContain('\n');
  });
});
