import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../config/errors.ts';
import { StorageError, findWorkspaceRoot, makeFolder, readUserFile, writeFileAtomically } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('replaces older files as a whole', async () => {
  const path = join(folder, 'a.json');
  await writeFileAtomically(path, 'a long first text');
  await writeFileAtomically(path, Buffer.from('short'));
  expect(await readFile(path, 'utf8')).toBe('short');
  expect(await readdir(folder)).toEqual(['a.json']);
});

it('leaves no trace of a file that it cannot write', async () => {
  await mkdir(join(folder, 'taken'));
  await expect(writeFileAtomically(join(folder, 'taken'), 'text')).rejects.toThrow(StorageError);
  await expect(writeFileAtomically(join(folder, 'none/a'), 'text')).rejects.toThrow(
    `cannot write ${join(folder, 'none/a')}: no such file or folder`,
  );
  expect(await readdir(folder)).toEqual(['taken']);
});

it('limits the size of the files that it reads', async () => {
  const path = join(folder, 'a');
  await writeFile(path, '12345');
  expect((await readUserFile(path, 'a text', 5)).toString()).toBe('12345');
  await expect(readUserFile(path, 'a text', 4)).rejects.toThrow(
    new UserError(`${path}: expected a text of at most 4 bytes, found 5`),
  );
  await expect(readUserFile(folder, 'a text', 1e9)).rejects.toThrow(
    `${folder}: expected a text, found: it is a folder, not a file`,
  );
});

describe.skipIf(process.platform === 'win32')('a file whose size the system does not tell', () => {
  it('is read to its end, and no further than the limit', async () => {
    expect((await readUserFile('/dev/null', 'a text', 5)).length).toBe(0);
    await expect(readUserFile('/dev/zero', 'a text', 2 ** 20)).rejects.toThrow(
      new UserError('/dev/zero: expected a text of at most 1048576 bytes, found more'),
    );
    const pipe = join(folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    const text = 'some words '.repeat(20_000);
    const [read] = await Promise.all([readUserFile(pipe, 'a text', text.length), writeFile(pipe, text)]);
    expect(read.toString()).toBe(text);
  });
});

it('says whether it created a folder', async () => {
  expect(await makeFolder(join(folder, 'a/b'))).toBe(true);
  expect(await makeFolder(join(folder, 'a/b'))).toBe(false);
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow(
    `cannot make the folder ${join(folder, 'file')}: it is a file`,
  );
});

it('finds the workspace root upward', async () => {
  await mkdir(join(folder, 'packages/a'), { recursive: true });
  expect(findWorkspaceRoot(join(folder, 'packages/a'))).toBe(join(folder, 'packages/a'));
  await writeFile(join(folder, 'pnpm-workspace.yaml'), '');
  expect(findWorkspaceRoot(join(folder, 'packages/a'))).toBe(folder);
});
