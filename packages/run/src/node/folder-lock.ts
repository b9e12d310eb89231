import { open, readFile, rename, rm, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { onOneLine, UserError } from '../config/errors.ts';
import { writing } from './files.ts';

const FILE_NAME = 'lock';
const RETRY_EVERY_MS = 100;

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

/**
 * Locks a folder for this process by a file `lock` that names the process. The lock of a killed process is taken over.
 * A lock of another machine is not, as its process cannot be checked.
 * @param patienceInMs how long to wait for another process to release it
 * @throws UserError where another process holds it
 */
export async function lockFolder(folder: string, patienceInMs = 0): Promise<FolderLock> {
  const path = join(folder, FILE_NAME);
  const own: Holder = { host: hostname(), processId: process.pid, startedAt: await startOf(process.pid) };
  const startedAt = performance.now();
  for (;;) {
    if (await create(path, JSON.stringify(own))) return { release: () => rm(path, { force: true }) };
    const text = await readFile(path, 'utf8').catch(ifMissing);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder === undefined) throw new UserError(`${folder} is in use; if nothing runs there, remove ${path}`);
    if (holder.host !== hostname())
      throw new UserError(
        `${folder} is in use by process ${holder.processId} of ${onOneLine(holder.host)}; if that has ended, remove ${path}`,
      );
    if (!(await isAlive(holder))) await removeIfStill(path, text);
    else if (performance.now() - startedAt < patienceInMs) await setTimeout(RETRY_EVERY_MS);
    else throw new UserError(`${folder} is in use by process ${holder.processId}`);
  }
}

/** @returns false where the file exists already */
async function create(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    return writing(path, () => Promise.reject(error as Error));
  }
}

/** Removes the lock of a dead process. If two processes find it, one may have taken the folder in between. */
async function removeIfStill(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}.old`;
  try {
    await rename(path, aside);
  } catch (error) {
    ifMissing(error);
    return;
  }
  if ((await readFile(aside, 'utf8')) === text) await unlink(aside);
  else await rename(aside, path);
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
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

function ifMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
