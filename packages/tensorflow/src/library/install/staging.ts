import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

const STAGING_PATTERN = /^\.staging-(.+)-(\d+)-[A-Za-z0-9]{6}$/;
const DAY_IN_MS = 24 * 60 * 60 * 1000;
const MACHINE = hostname().replace(/[^A-Za-z0-9.]/g, '_');
const ours = new Set<string>();

/**
 * Runs `work` in a folder of its own inside `cache`, so that results can be renamed within one file system, and always
 * removes the folder. Folders of killed installs are removed first.
 */
export async function withStaging<Result>(cache: string, work: (staging: string) => Promise<Result>): Promise<Result> {
  await mkdir(cache, { recursive: true });
  await removeStale(cache);
  const staging = await mkdtemp(join(cache, `.staging-${MACHINE}-${process.pid}-`));
  ours.add(staging);
  try {
    return await work(staging);
  } finally {
    await rm(staging, { recursive: true, force: true, maxRetries: 3 });
    ours.delete(staging);
  }
}

async function removeStale(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    if (await isStale(name, path)) await rm(path, { recursive: true, force: true });
  }
}

async function isStale(name: string, path: string): Promise<boolean> {
  const [, host, pid] = STAGING_PATTERN.exec(name) ?? [];
  if (host === undefined || ours.has(path)) return false;
  // In a container, a killed install may have had the process id of this process.
  if (host === MACHINE) return Number(pid) === process.pid || !isRunning(Number(pid));
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  return age > DAY_IN_MS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Renames the finished folder `staged` to `target`. If `target` exists and is `usable`, it stays; else it is moved into
 * `staging`, which its owner removes.
 *
 * @returns whether `staged` was renamed
 */
export async function publish(
  staged: string,
  target: string,
  staging: string,
  usable: (folder: string) => boolean,
): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      // POSIX would replace an empty folder, but none is ever published.
      await rename(staged, target);
      await syncFolder(dirname(target));
      return true;
    } catch (error) {
      if (!existsSync(target) || attempt === 3) throw error;
    }
    if (usable(target)) return false;
    await rename(target, join(staging, `replaced-${attempt}`)).catch(ignoreMissing);
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** Makes a rename inside `folder` survive a power cut. Windows has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
