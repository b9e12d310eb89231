import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@motley/test-tools';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { RunFolder } from './run/run-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const path = (): string => join(folder, 'lock');
const inUse = (): string => `${folder} is in use by process ${process.pid}`;

it('is held by one process at a time', async () => {
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(inUse());
  const patient = lockFolder(folder, 60_000);
  await lock.release();
  await (await patient).release();
  expect(existsSync(path())).toBe(false);
});

it('is taken over from a killed process, by exactly one other', async () => {
  const holder = join(import.meta.dirname, 'testing/hold-lock.ts');
  const { status } = await runProgram(holder, [folder], {
    onOutput: (text, child) => {
      if (text.includes('held')) child.kill('SIGKILL');
    },
  });
  expect([status, existsSync(path())]).toEqual([null, true]);
  const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
  expect(taken.filter(({ status: each }) => each === 'fulfilled')).toHaveLength(1);
});

it('is not kept for a later process with the same id', async () => {
  await lockFolder(folder);
  const holder = JSON.parse(await readFile(path(), 'utf8')) as { startedAt: string | null };
  await writeFile(path(), JSON.stringify({ ...holder, startedAt: '1' }));
  await (await lockFolder(folder)).release();
});

it('stays where the owning process cannot be checked', async () => {
  await writeFile(path(), JSON.stringify({ host: 'elsewhere', processId: 7, startedAt: null }));
  const remove = `; if that has ended, remove ${path()}`;
  await expect(lockFolder(folder)).rejects.toThrow(`${folder} is in use by process 7 of elsewhere${remove}`);
  await writeFile(path(), '{}');
  await expect(lockFolder(folder)).rejects.toThrow(`${folder} is in use; if nothing runs there, remove ${path()}`);
});

it('covers a run folder while the run writes to it', async () => {
  const options = { system: 'learner', config: { a: 1 }, out: folder };
  const run = await RunFolder.create(options);
  await expect(RunFolder.resume(folder, undefined, options)).rejects.toThrow(inUse());
  await run.close();
  await (await RunFolder.resume(folder, undefined, options)).close();
});
