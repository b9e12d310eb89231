import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadIdx } from './idx.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-idx-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = Buffer.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);

it('reads a file, gzipped or not', async () => {
  for (const [name, content] of Object.entries({ plain: bytes, 'packed.gz': gzipSync(bytes) })) {
    await writeFile(join(folder, name), content);
    const { shape, values } = await loadIdx(join(folder, name));
    expect([shape, [...values]]).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ]);
  }
});

it('limits the size of a file and of its unpacked content', async () => {
  const path = join(folder, 'a.gz');
  await writeFile(path, gzipSync(Buffer.alloc(1_000_000)));
  await expect(loadIdx(path, 100)).rejects.toThrow(/a\.gz: expected an idx file of at most 100 bytes, found \d+$/);
  await expect(loadIdx(path, 2000)).rejects.toThrow(
    new UserError(`${path}: expected gzip of a of at most 2000 bytes, found more`),
  );
  await writeFile(path, 'not packed');
  await expect(loadIdx(path)).rejects.toThrow(`${path}: expected gzip of a, found: incorrect header check`);
});
