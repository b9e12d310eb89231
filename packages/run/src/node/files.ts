import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { onOneLine, UserError } from '../config/errors.ts';
import { parseJson } from '../reading/json.ts';

/** Files could not be written. The run fails; files written before are unchanged. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'disk quota used up',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or folder',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than the 2 GiB that Node reads at once',
};

/** Cause of a file system error, in words. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? onOneLine(message);
}

/** Runs a writing step, and turns its errors into a StorageError that names the path. */
export async function writing<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new StorageError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Writes a file as a whole or not at all: writes a temporary file, flushes it, renames it and flushes the folder.
 * @throws StorageError where it cannot; no partial file stays
 */
export async function writeFileAtomically(
  path: string,
  data: string | Uint8Array | readonly Uint8Array[],
): Promise<void> {
  const parts = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
  const temporary = `${path}.${process.pid}.tmp`;
  await writing(path, async () => {
    try {
      const file = await open(temporary, 'w');
      try {
        for (const part of parts) await file.writeFile(part);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await flushFolder(dirname(path));
  });
}

/** Makes a rename durable. Windows neither needs this nor can open a folder. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Reads a file given by the user.
 * @param expected kind of file, for the message
 * @param maxBytes size limit, checked before reading
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readUserFile(path: string, expected: string, maxBytes: number): Promise<Buffer> {
  try {
    const found = await stat(path);
    // Devices and pipes have no size, and may have no end.
    const bytes = found.isFile() || found.isDirectory() ? undefined : await readStart(path, maxBytes + 1);
    const size = bytes?.length ?? found.size;
    if (found.isDirectory()) throw new UserError(`${path}: expected ${expected}, found: ${REASONS.EISDIR}`);
    if (size > maxBytes)
      throw new UserError(
        `${path}: expected ${expected} of at most ${maxBytes} bytes, found ${bytes === undefined ? size : 'more'}`,
      );
    return bytes ?? (await readFile(path));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: expected ${expected}, found: ${reasonOf(error)}`, { cause: error });
  }
}

async function readStart(path: string, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of createReadStream(path, { end: length - 1 })) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Size limit of JSON files. Configurations and summaries are far smaller. */
const MAX_JSON_BYTES = 16 * 2 ** 20;

/** @throws UserError naming the file, what was expected and what was found */
export async function readJson(path: string, expected: string): Promise<unknown> {
  return parseJson((await readUserFile(path, expected, MAX_JSON_BYTES)).toString('utf8'), path, expected);
}

/**
 * Creates a folder and its parents.
 * @returns false where it exists already
 * @throws UserError naming the folder
 */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    return (await mkdir(path, { recursive: true })) !== undefined;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'it is a file' : reasonOf(error);
    throw new UserError(`cannot make the folder ${path}: ${reason}`, { cause: error });
  }
}

/** Root of the workspace, found upward from `from` by its pnpm-workspace.yaml. Without one, `from` itself. */
export function findWorkspaceRoot(from: string = process.cwd()): string {
  const start = resolve(from);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}
