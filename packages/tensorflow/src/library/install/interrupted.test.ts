import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findLibrary } from '../find.ts';
import { makeTar, makeWheel } from '../testing/archives.ts';
import { makeElf, makeTensorflow } from '../testing/binaries.ts';
import { pathWithPython } from '../testing/python.ts';
import { packageIndex, withServer } from '../testing/server.ts';
import { installLibrary } from './install.ts';

const cli = fileURLToPath(new URL('../../cli.ts', import.meta.url));
const path = pathWithPython();
let root: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'motley-interrupted-'));
  cache = join(root, 'cache', 'tensorflow');
  vi.stubEnv('MOTLEY_CACHE', join(root, 'cache'));
  vi.stubEnv('MOTLEY_TENSORFLOW_LIBRARY', '');
  vi.stubEnv('MOTLEY_TENSORFLOW_ARCHIVE', '');
  vi.stubEnv('VIRTUAL_ENV', '');
  vi.stubEnv('PATH', path);
  vi.stubEnv('PIP_CONFIG_FILE', devNull);
  vi.stubEnv('PIP_FIND_LINKS', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

interface Install {
  child: ChildProcess;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; error: string }>;
}

function startInstall(): Install {
  const child = spawn(process.execPath, [...process.execArgv, cli, 'install'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  const ended = new Promise<Awaited<Install['ended']>>((resolve) =>
    child.on('close', (code, signal) => {
      resolve({ code, signal, error });
    }),
  );
  return { child, ended };
}

const staged = () => (existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('.staging-')) : []);
const wheel = makeWheel({
  files: Object.fromEntries(
    Object.entries(makeTensorflow({ contentBytes: 200_000 })).map(([name, content]) => [`tensorflow/${name}`, content]),
  ),
});

// Crafted wheels are for one platform; pip refuses another's.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('an install', () => {
  it('that is killed leaves no library to find, and the next one cleans up and works', async () => {
    let arrived = (): void => undefined;
    const downloading = new Promise<void>((resolve) => (arrived = resolve));
    let stall = true;
    const listener = packageIndex([wheel], (content, response) => {
      if (!stall) {
        response.end(content);
        return;
      }
      response.write(content.subarray(0, 100), arrived);
    });
    await withServer(listener, async (address) => {
      vi.stubEnv('PIP_INDEX_URL', `${address}/simple`);
      const { child, ended } = startInstall();
      await downloading;
      expect(staged()).toHaveLength(1);
      child.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
      expect(staged()).toHaveLength(1);
      expect(readdirSync(cache)).toHaveLength(1);
      stall = false;
      const { location } = await installLibrary();
      expect(findLibrary()).toEqual(location);
      expect(readdirSync(cache)).toEqual(['2.21.0-cpu-linux-x64']);
    });
  });

  it('that is interrupted stops pip, removes its files, and exits with 130', async () => {
    let arrived = (): void => undefined;
    const downloading = new Promise<void>((resolve) => (arrived = resolve));
    const listener = packageIndex([wheel], (content, response) => {
      response.write(content.subarray(0, 100), arrived);
    });
    await withServer(listener, async (address) => {
      vi.stubEnv('PIP_INDEX_URL', `${address}/simple`);
      const { child, ended } = startInstall();
      await downloading;
      child.kill('SIGINT');
      const { code, error } = await ended;
      expect(code).toBe(130);
      expect(error).toContain('interrupted; nothing was left behind');
      expect(readdirSync(cache)).toEqual([]);
    });
  });

  it('does not disturb another at the same time: both succeed, with one library', async () => {
    // Neither gets its wheel before both have asked, so the two overlap.
    const waiting: (() => void)[] = [];
    const listener = packageIndex([wheel], (content, response) => {
      waiting.push(() => response.end(content));
      if (waiting.length === 2) for (const send of waiting) send();
    });
    await withServer(listener, async (address) => {
      vi.stubEnv('PIP_INDEX_URL', `${address}/simple`);
      const results = await Promise.all([startInstall().ended, startInstall().ended]);
      expect(results.map(({ code, error }) => [code, error.includes('error')])).toEqual([
        [0, false],
        [0, false],
      ]);
    });
    expect(readdirSync(cache)).toEqual(['2.21.0-cpu-linux-x64']);
    expect(findLibrary().source).toBe('cache');
  });
});

/** Mounts a file system of 2 MB at `folder`; false where this process may not. */
function mountSmallDisk(folder: string): boolean {
  mkdirSync(folder);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'motley-test', folder]).status === 0;
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'motley-mount-'));
  try {
    return mountSmallDisk(join(folder, 'small')) && spawnSync('umount', [join(folder, 'small')]).status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// Only a root that may mount can make a file system that is full.
describe.runIf(process.platform === 'linux' && process.arch === 'x64' && canMount())('a full disk', () => {
  let disk: string;

  beforeEach(() => {
    disk = join(root, 'small');
    expect(mountSmallDisk(disk)).toBe(true);
    vi.stubEnv('MOTLEY_CACHE', disk);
  });

  afterEach(() => {
    spawnSync('umount', [disk]);
  });

  const big = makeTar([
    {
      name: 'lib/libtensorflow.so.2',
      content: makeElf({ needed: ['libtensorflow_framework.so.2'], contentBytes: 1_500_000 }),
    },
    { name: 'lib/libtensorflow_framework.so.2', content: makeElf({ contentBytes: 100_000 }) },
  ]);

  it('is reported before anything is unpacked', async () => {
    const filler = Math.floor(statfsSync(disk).bavail * statfsSync(disk).bsize) - 1_000_000;
    writeFileSync(join(disk, 'filler'), Buffer.alloc(filler));
    await withServer(
      (_, response) => response.end(big),
      async (address) => {
        const error = installLibrary({ archive: `${address}/a.tar.gz` });
        await expect(error).rejects.toMatchObject({ code: 'no-space' });
        await expect(error).rejects.toThrow(
          /has 9\d\d kB free, unpacking lib\/libtensorflow.so.2 needs 1\.5 MB; free some/,
        );
      },
    );
    expect(readdirSync(join(disk, 'tensorflow'))).toEqual([]);
  });

  // Repeated, because the file that cannot be written could race with the file after it.
  it('that fills up while unpacking is a clear error, and leaves nothing behind', { repeats: 20 }, async () => {
    let filled = false;
    const fill = () => {
      if (filled) return;
      filled = true;
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize));
    };
    await withServer(
      (_, response) => response.end(big),
      async (address) => {
        const error = installLibrary({
          archive: `${address}/a.tar.gz`,
          onEvent: (event) => {
            if (event.kind === 'progress' && event.phase === 'unpack') fill();
          },
        });
        await expect(error).rejects.toMatchObject({ code: 'no-space' });
        await expect(error).rejects.toThrow(/^the disk of .* is full; nothing was left behind/);
      },
    );
    expect(filled).toBe(true);
    expect(readdirSync(join(disk, 'tensorflow'))).toEqual([]);
  });
});
