import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, watch } from 'node:fs';
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@motley/test-tools';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
});

describe('what is no lock', () => {
  const things: readonly (readonly [name: string, make: () => unknown])[] = [
    ['an empty file, as a killed process once left it', () => writeFile(path(), '')],
    ['half a lock', () => writeFile(path(), '{"host":"')],
    ['a JSON of another kind', () => writeFile(path(), '{}')],
    ['a JSON nested very deeply', () => writeFile(path(), '['.repeat(4000))],
    ['a process that cannot exist', () => writeFile(path(), '{"host":"here","processId":-1,"startedAt":null}')],
    ['a text', () => writeFile(path(), '\u001b[2Jmine')],
    ['a large file', () => writeFile(path(), Buffer.alloc(2 ** 20))],
    ['a link to nothing', () => symlink(join(folder, 'nothing'), path())],
    ['a link to itself', () => symlink(path(), path())],
    ['a link to an endless file', () => symlink('/dev/zero', path())],
    ['an empty folder', () => mkdir(path())],
    ['a folder with files', () => mkdir(join(path(), 'deep'), { recursive: true })],
    ['a pipe that nobody writes to', () => spawnSync('mkfifo', [path()])],
  ];
  it.each(things)('%s is moved aside with a word', async (_, make) => {
    await make();
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const before = await lstat(path());
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(inUse());
    await lock.release();
    const lines = said.mock.calls.map(([line]) => line);
    said.mockRestore();
    const [aside = '', ...others] = await readdir(folder);
    expect([aside, others]).toEqual([expect.stringMatching(/^lock\.[0-9a-f]{8}\.old$/), []]);
    expect((await lstat(join(folder, aside))).ino).toBe(before.ino);
    expect(lines).toEqual([`${path()}: expected the lock of a process, found other content; moved to ${aside}\n`]);
  });
});

it('names a foreign host in printable characters', async () => {
  await writeFile(
    path(),
    JSON.stringify({ host: `\u001b]0;x\u0007${'y'.repeat(3000)}`, processId: 7, startedAt: null }),
  );
  const message = await lockFolder(folder).catch((error: unknown) => (error as Error).message);
  expect(message).toContain('\\u001b]0;x\\u0007yyy');
  expect((message as string).length).toBeLessThan(300);
});

it('never appears empty or in part', async () => {
  const seen = new Set<string>();
  const watcher = watch(folder, () => {
    try {
      seen.add(readFileSync(path(), 'utf8'));
    } catch {
      // It was released already.
    }
  });
  for (let round = 0; round < 50; round++) await (await lockFolder(folder)).release();
  watcher.close();
  for (const text of seen) expect(JSON.parse(text)).toMatchObject({ processId: process.pid });
});

it('is held by one of several processes at a time, also where some are killed while they hold it', async () => {
  const contender = join(import.meta.dirname, 'testing/contend-lock.ts');
  const ended = await Promise.all([
    ...[25, 25, 25].map((rounds) => runProgram(contender, [folder, String(rounds)])),
    ...[1, 3, 9].map((rounds) => runProgram(contender, [folder, String(rounds), 'die'])),
  ]);
  const errors = ended.map((each) => each.errors).join('');
  expect(
    ended.map(({ output }) => output),
    errors,
  ).toEqual(['done\n', 'done\n', 'done\n', '', '', '']);
  const names = await readdir(folder);
  expect(names.filter((name) => name !== 'inside' && name !== 'lock')).toEqual([]);
}, 60_000);

it('is freed by a process that ends without releasing it', async () => {
  const { status, output } = await runProgram(join(import.meta.dirname, 'testing/hold-lock.ts'), [folder, 'exit']);
  expect([status, output, existsSync(path())]).toEqual([3, 'held\n', false]);
});

it('is not made in a folder that cannot be written', async () => {
  await expect(lockFolder(join(folder, 'none'))).rejects.toThrow(
    `cannot write ${join(folder, 'none/lock')}: no such file or folder`,
  );
});

it('covers a run folder while the run writes to it', async () => {
  const options = { system: 'learner', config: { a: 1 }, out: folder };
  const run = await RunFolder.create(options);
  await expect(RunFolder.resume(folder, undefined, options)).rejects.toThrow(inUse());
  await run.close();
  await (await RunFolder.resume(folder, undefined, options)).close();
});
