import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, unlinkSync } from 'node:fs';
import { link, open, readFile, rename, rm, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { UserError, printable } from '../config/errors.ts';
import { parseJson } from '../reading/json.ts';
import { readRegularFile, reasonOf, writing } from './files.ts';

const FILE_NAME = 'lock';
const RETRY_EVERY_MS = 100;
/** Time that another process gets to clear a dead process's lock. It takes milliseconds. */
const CLEARING_PATIENCE_IN_MS = 10_000;
/** Size limit of a lock. One names a host and a process. */
const MAX_BYTES = 4096;

const holderSchema = z.object({
  host: z.string(),
  processId: z.int().min(1),
  /**
   * Start time of the process, which tells it from a later one with the same id. Null where the system does not provide
   * it.
   */
  startedAt: z.string().nullable(),
});
type Holder = z.output<typeof holderSchema>;

/** Folder that this process alone writes to. */
export interface FolderLock {
  release(): Promise<void>;
}

/** Lock as found. */
interface FoundLock {
  /** Text of the file, or the kind of thing that stands in its place. Two locks with the same content are the same. */
  readonly content: string;
  /** Undefined where the content names no process. */
  readonly holder: Holder | undefined;
}

/**
 * Locks a folder for this process by a file `lock` that names the process. The lock appears whole or not at all, and is
 * freed at the latest when the process ends. A killed process leaves its lock: it is taken over, and so is a file or
 * folder `lock` that names no process, which is moved aside. A line on standard error tells of both. The lock of
 * another machine stays, as its process cannot be checked.
 * @param patienceInMs how long to wait for another process to release it
 * @throws UserError where another process holds it; StorageError where the folder cannot be written
 */
export async function lockFolder(folder: string, patienceInMs = 0): Promise<FolderLock> {
  return lockPath(join(folder, FILE_NAME), folder, patienceInMs, (line) => {
    process.stderr.write(`${printable(line)}\n`);
  });
}

/** Process that holds a folder, or held it when it was killed. */
export interface FolderHolder {
  readonly host: string;
  readonly processId: number;
  /** Whether the process runs. Undefined for a process of another machine, which cannot be checked. */
  readonly isAlive: boolean | undefined;
}

/**
 * Process that a folder's lock names.
 * @returns undefined where there is no lock, or one that names no process
 * @throws UserError where the lock cannot be read
 */
export async function findHolder(folder: string): Promise<FolderHolder | undefined> {
  const holder = (await find(join(folder, FILE_NAME)))?.holder;
  if (holder === undefined) return undefined;
  const { host, processId } = holder;
  return { host, processId, isAlive: host === hostname() ? await isAlive(holder) : undefined };
}

async function lockPath(
  path: string,
  folder: string,
  patienceInMs: number,
  tell: (line: string) => void,
): Promise<FolderLock> {
  const own: Holder = { host: hostname(), processId: process.pid, startedAt: await startOf(process.pid) };
  const text = JSON.stringify(own);
  const startedAt = performance.now();
  for (;;) {
    if (await create(path, text)) return hold(path, text);
    const found = await find(path);
    if (found === undefined) continue;
    const { holder } = found;
    if (holder === undefined) {
      // Where a file system has no links, another process may be writing it.
      await setTimeout(RETRY_EVERY_MS);
    } else if (holder.host !== own.host) {
      throw new UserError(
        `${folder} is in use by process ${holder.processId} of ${printable(holder.host, 80)}; if that has ended, remove ${path}`,
      );
    } else if (await isAlive(holder)) {
      if (performance.now() - startedAt >= patienceInMs)
        throw new UserError(`${folder} is in use by process ${holder.processId}`);
      await setTimeout(RETRY_EVERY_MS);
      continue;
    }
    await clear(path, folder, found, tell);
  }
}

/**
 * Removes a lock that no process holds. Of several processes that find it, only one may: otherwise the second would
 * remove what the first then makes. A second lock, named after the content of the first, decides which.
 */
async function clear(path: string, folder: string, found: FoundLock, tell: (line: string) => void): Promise<void> {
  const digest = createHash('sha256').update(found.content).digest('hex').slice(0, 8);
  const claim = await lockPath(`${path}.${digest}`, folder, CLEARING_PATIENCE_IN_MS, () => undefined);
  try {
    // While this process holds the claim, nobody else removes a lock with this content.
    if ((await find(path))?.content !== found.content) return;
    if (found.holder !== undefined) {
      await writing(path, () => unlink(path));
      tell(`${folder}: process ${found.holder.processId} ended without freeing it; taken over`);
    } else {
      const aside = `${path}.${randomUUID().slice(0, 8)}.old`;
      await writing(path, () => rename(path, aside));
      tell(`${path}: expected the lock of a process, found other content; moved to ${basename(aside)}`);
    }
  } finally {
    await claim.release();
  }
}

/**
 * Makes the file with its content at once, so that a killed process or a full disk leaves no empty lock.
 * @returns false where something stands there already
 */
async function create(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  return writing(path, async () => {
    try {
      await writeNew(temporary, text);
      await link(temporary, path);
      return true;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      if (!WITHOUT_LINKS.has(code)) throw error;
    } finally {
      await rm(temporary, { force: true });
    }
    return createWithoutLink(path, text);
  });
}

/** Error codes of file systems without hard links. */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

async function createWithoutLink(path: string, text: string): Promise<boolean> {
  try {
    await writeNew(path, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Locks of this process by path, with their content. */
const held = new Map<string, string>();

function hold(path: string, text: string): FolderLock {
  if (held.size === 0) process.on('exit', freeAll);
  held.set(path, text);
  return {
    async release() {
      if (!held.delete(path)) return;
      if (held.size === 0) process.off('exit', freeAll);
      if ((await find(path))?.content === text) await rm(path, { force: true });
    },
  };
}

/** Frees what is still held when the process ends by `process.exit`, as at a second signal, or by an error. */
function freeAll(): void {
  for (const [path, text] of held) {
    try {
      if (readFileSync(path, 'utf8') === text) unlinkSync(path);
    } catch {
      // The folder may be gone. A lock that stays is taken over, as its process has ended.
    }
  }
}

/** Error codes for a folder, a link, a socket, a pipe or device, and a file larger than any lock. */
const NO_LOCKS: ReadonlySet<string> = new Set(['EISDIR', 'ELOOP', 'EMLINK', 'ENXIO', 'EINVAL', 'EFBIG']);

/** @returns undefined where nothing is there */
async function find(path: string): Promise<FoundLock | undefined> {
  try {
    const content = (await readRegularFile(path, MAX_BYTES)).toString('utf8');
    return { content, holder: parseHolder(content) };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (NO_LOCKS.has(code)) return { content: code, holder: undefined };
    throw new UserError(`${path}: expected a lock, found: ${reasonOf(error)}`, { cause: error });
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(parseJson(text, 'lock', 'a process')).data;
  } catch {
    return undefined;
  }
}

async function isAlive({ processId, startedAt }: Holder): Promise<boolean> {
  try {
    process.kill(processId, 0);
  } catch (error) {
    // A process of another user also counts as alive.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startOf(processId)) === startedAt;
}

/** Start time of a process. Null where the system does not provide it, or the process is a zombie. */
async function startOf(processId: number): Promise<string | null> {
  const text = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  // The fields after the program name, which may contain spaces: the state, and in field 22 the start time.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}
