import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parseJson } from '@motley/run/folders';

/**
 * Reads a small regular file at once: a thousand runs have several thousand of them, and a promise for each takes longer
 * than the reading. Neither follows a link nor waits for a pipe.
 * @param fromEnd reads the last `maxBytes` of a larger file
 * @returns undefined where it is missing, no file or unreadable; 'large' where it has more than `maxBytes`
 */
export function readSmall(path: string, maxBytes: number, fromEnd = false): Buffer | 'large' | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
  let file: number;
  try {
    file = openSync(path, O_RDONLY! | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return undefined;
    if (stats.size > maxBytes && !fromEnd) return 'large';
    const bytes = Buffer.allocUnsafe(Math.min(stats.size, maxBytes));
    const at = stats.size - bytes.length;
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(file, bytes, length, bytes.length - length, at + length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** JSON as read: its value, or a fault in one line. Undefined where there is no file. */
export type ReadJson = { readonly value: unknown } | { readonly problem: string } | undefined;

/** Reads a small JSON file of a run folder. */
export function readSmallJson(path: string, name: string, maxBytes: number): ReadJson {
  const bytes = readSmall(path, maxBytes);
  if (bytes === undefined) return undefined;
  if (bytes === 'large') return { problem: `${name}: expected at most ${maxBytes} bytes, found more` };
  try {
    // Values nested too deeply for whoever walks through them are refused, too.
    return { value: parseJson(bytes.toString('utf8'), name, 'a record') };
  } catch {
    return { problem: `${name}: expected JSON, found ${bytes.length === 0 ? 'an empty file' : 'damaged text'}` };
  }
}
