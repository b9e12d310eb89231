import { constants, existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError, printable } from '../config/errors.ts';
import { parseJson } from '../reading/json.ts';
import { decodeUtf8 } from './utf8.ts';

/** Files could not be written. The run fails; files written before are unchanged. */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
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
  ELOOP: 'a link leads back to itself',
  EIO: 'the device failed to read or write',
  EMFILE: 'too many files are open in this process (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than the 2 GiB that Node reads at once',
};

/** Cause of a file system error, in words. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}

/** Failure of the system: a call that it refused, as with too many open files. The stack says nothing about it. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return error instanceof Error && typeof code === 'string' && typeof syscall === 'string';
}

/** Line for a failure of the system: the call, the path and the cause in words. */
export function describeSystemError(error: NodeJS.ErrnoException): string {
  const { path, syscall = '' } = error;
  return path === undefined ? `${syscall}: ${reasonOf(error)}` : `${path}: ${reasonOf(error)}`;
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
 * Reads a file given by the user: a file, or a pipe or device that ends.
 * @param expected kind of file, for the message
 * @param maxBytes size limit. No more than this is read, whatever size the system reports.
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readUserFile(path: string, expected: string, maxBytes: number): Promise<Buffer> {
  try {
    return await readAtMost(path, constants.O_RDONLY, maxBytes);
  } catch (error) {
    if (error instanceof SizeError)
      throw new UserError(`${path}: expected ${expected} of at most ${maxBytes} bytes, found ${error.found}`);
    throw new UserError(`${path}: expected ${expected}, found: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Reads a regular file. Neither follows a link nor waits for a pipe.
 * @throws errors of the file system, and with code `EINVAL` or `EFBIG` where it is no file or a larger one
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
  return readAtMost(path, O_RDONLY! | O_NOFOLLOW | O_NONBLOCK, maxBytes, true);
}

/** A file has more bytes than a reader takes. */
class SizeError extends Error {
  readonly code = 'EFBIG';
  readonly found: string;

  constructor(found: string) {
    super(`found ${found} bytes`);
    this.found = found;
  }
}

const CHUNK_BYTES = 2 ** 16;

async function readAtMost(path: string, flags: number, maxBytes: number, isRegular = false): Promise<Buffer> {
  const file = await open(path, flags);
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    if (isRegular && !stats.isFile()) throw Object.assign(new Error('it is no file'), { code: 'EINVAL' });
    if (stats.isFile() && stats.size > maxBytes) throw new SizeError(String(stats.size));
    return await readToEnd(file, stats.isFile() ? stats.size : 0, maxBytes);
  } finally {
    await file.close();
  }
}

/** @param expectedBytes size that the system reports. Files of `/proc`, pipes and devices report 0. */
async function readToEnd(file: FileHandle, expectedBytes: number, maxBytes: number): Promise<Buffer> {
  let buffer = Buffer.allocUnsafeSlow(expectedBytes === 0 ? CHUNK_BYTES : expectedBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, Math.min(buffer.length - length, 2 ** 30), null);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
    if (length > maxBytes) throw new SizeError('more');
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * length, maxBytes + 1));
  }
}

/**
 * Reads a UTF-8 text given by the user, without a byte order mark.
 * @throws UserError like `readUserFile`, and naming the offset of the first invalid byte
 */
export async function readUserText(path: string, expected: string, maxBytes: number): Promise<string> {
  return decodeUtf8(await readUserFile(path, expected, maxBytes), path);
}

/**
 * Names in a folder, sorted. None where there is no such folder.
 * @throws UserError where the path is no folder, or cannot be read
 */
export async function namesInFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    const isFile = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
    throw new UserError(`${path}: expected a folder, found: ${isFile ? 'it is a file' : reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Size limit of JSON files. Summaries, studies and sweeps are far smaller. */
const MAX_JSON_BYTES = 16 * 2 ** 20;

/** @throws UserError naming the file, what was expected and what was found */
export async function readJson(path: string, expected: string, maxBytes = MAX_JSON_BYTES): Promise<unknown> {
  return parseJson(await readUserText(path, expected, maxBytes), path, expected);
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
    const cause = await causeOf(error, resolve(path));
    const reason = (cause as NodeJS.ErrnoException).code === 'EEXIST' ? 'it is a file' : reasonOf(cause);
    throw new UserError(`cannot make the folder ${path}: ${reason}`, { cause });
  }
}

/**
 * Cause of a failed recursive `mkdir`, for which Node gives ENOENT on a read-only or full file system: that of the first
 * folder which is missing.
 */
async function causeOf(error: unknown, path: string): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  let missing = path;
  while (!existsSync(dirname(missing))) missing = dirname(missing);
  return mkdir(missing).then(
    () => error,
    (cause: unknown) => cause,
  );
}

/** Root of the workspace, found upward from `from` by its pnpm-workspace.yaml. Without one, `from` itself. */
export function findWorkspaceRoot(from: string = process.cwd()): string {
  const start = resolve(from);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder;
    if (folder === dirname(folder)) return start;
  }
}
