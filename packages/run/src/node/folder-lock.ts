import { open, readFile, rename, rm, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { UserError } from '../config/errors.ts';
import { writing } from './files.ts';

const FILE_NAME = 'lock';
const RETRY_EVERY_MS = 100;

const holderSchema = z.object({
  host: z.string(),
  processId: z.int().min(1),
  /** Tells a process from a later one of the same number; null where the system does not say. */
  startedAt: z.string().nullable(),
});
type Holder = z.output<typeof holderSchema>;

/** A folder that this process alone writes to. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes a folder for this process, by a file `lock` in it that names the process. One that a killed process left is
 * taken over; one of another machine is not, for nobody here can tell.
 * @param patienceInMs how long it waits for another process to let go
 * @throws UserError where another process has it
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
        `${folder} is in use by process ${holder.processId} of ${holder.host}; if that has ended, remove ${path}`,
      );
    if (!(await isAlive(holder))) await removeIfStill(path, text);
    else if (performance.now() - startedAt < patienceInMs) await setTimeout(RETRY_EVERY_MS);
    else throw new UserError(`${folder} is in use by process ${holder.processId}`);
  }
}

/** @returns false where there is one already */
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

/** Removes what a dead process left; of two processes that find it, one may have taken the folder meanwhile. */
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
    // Somebody else's process is one too.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startOf(processId)) === startedAt;
}

/** When a process began; null where the system does not say, or it has ended and nobody has asked how. */
async function startOf(processId: number): Promise<string | null> {
  const text = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  // What follows the program's name, which may hold spaces: the state, and at the 22nd place of all the start.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

function ifMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
