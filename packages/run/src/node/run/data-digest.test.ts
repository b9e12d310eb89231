import { mkdir, mkdtemp, open, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from './data-digest.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-digest-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes files by relative path into a folder of their own. */
async function filesOf(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(path, file, '..'), { recursive: true });
    await writeFile(join(path, file), content);
  }
  return path;
}

describe('the digest of a file', () => {
  it('is the SHA-256 of its content, whatever its name', async () => {
    const path = join(folder, 'a');
    await writeFile(path, 'abc');
    // The example of FIPS 180-4.
    const expected = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await digestOf(path)).toBe(expected);
    await rename(path, join(folder, 'b'));
    expect(await digestOf(join(folder, 'b'))).toBe(expected);
  });

  it('is none where nothing is there, and for a device', async () => {
    expect(await digestOf(join(folder, 'none'))).toBeNull();
    expect(await digestOf('/dev/null')).toBeNull();
  });

  it('of more than 1 GiB changes with its size and its ends', async () => {
    const path = join(folder, 'large');
    const file = await open(path, 'w+');
    const size = 2 ** 30 + 1;
    await file.truncate(size);
    const digests = [await digestOf(path)];
    for (const change of [
      () => file.write('x', 0),
      () => file.write('x', size - 1),
      () => file.write('y', 2 ** 16 - 1),
      () => file.truncate(size + 1),
    ]) {
      await change();
      digests.push(await digestOf(path));
    }
    await file.close();
    expect(new Set(digests).size).toBe(5);
  });
});

describe('the digest of a folder', () => {
  const files = { 'b.txt': 'two', 'a/1.txt': 'one', 'a/2.txt': '' };

  it('does not change with its own name, hidden files and leftovers of file managers', async () => {
    const expected = await digestOf(await filesOf('first', files));
    expect(expected).toMatch(/^sha256:[0-9a-f]{64}$/);
    const other = await filesOf('second', {
      ...files,
      '.DS_Store': 'x',
      'a/Thumbs.db': 'y',
      '.git/config': 'z',
    });
    expect(await digestOf(other)).toBe(expected);
  });

  it.each([
    ['a content', { ...files, 'b.txt': 'tow' }],
    ['a name', { 'c.txt': 'two', 'a/1.txt': 'one', 'a/2.txt': '' }],
    ['a place', { 'b.txt': 'two', '1.txt': 'one', 'a/2.txt': '' }],
    ['another file', { ...files, 'a/3.txt': '' }],
    ['the border between two files', { 'b.txt': 'two', 'a/1.txt': 'on', 'a/2.txt': 'e' }],
  ])('changes with %s', async (_, changed) => {
    const before = await digestOf(await filesOf('before', files));
    expect(await digestOf(await filesOf('after', changed))).not.toBe(before);
  });

  it('follows links, and ends where a link leads up', async () => {
    const plain = await filesOf('plain', { 'a/1.txt': 'one' });
    const linked = await filesOf('linked', {});
    await mkdir(linked);
    await symlink(join(plain, 'a'), join(linked, 'a'));
    expect(await digestOf(linked)).toBe(await digestOf(plain));
    await symlink(linked, join(linked, 'up'));
    expect(await digestOf(linked)).toBe(await digestOf(plain));
  });
});
