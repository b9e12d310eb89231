import { statfs } from 'node:fs/promises';
import { LibraryError } from '../errors.ts';

/** Formats a number of bytes in powers of 1000: `853 MB`, `1.26 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 2 ? 2 : unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]!}`;
}

/** Free space in bytes for this user on the file system of `folder`, which must exist. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws LibraryError `no-space` where fewer than `bytes` bytes are free on the file system of `folder` */
export async function ensureFree(folder: string, bytes: number, purpose: string): Promise<void> {
  const free = await freeBytes(folder);
  if (free < bytes)
    throw new LibraryError(
      'no-space',
      `the cache's disk has ${formatBytes(free)} free, ${purpose} needs ${formatBytes(bytes)}; free some, or set MOTLEY_CACHE to another disk`,
    );
}

/** Turns the system's error of a full disk into a LibraryError `no-space`, and returns any other error unchanged. */
export function asNoSpace(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return noSpace(folder, error);
}

export function noSpace(folder: string, cause?: unknown): LibraryError {
  return new LibraryError(
    'no-space',
    `the disk of ${folder} is full; nothing was left behind: free some space, or set MOTLEY_CACHE to another disk`,
    { cause },
  );
}
