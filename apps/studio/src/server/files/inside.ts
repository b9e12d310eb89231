import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/**
 * Real path of a file below a folder, with every link followed.
 * @returns undefined where it is missing, or lies outside
 */
export async function realPathInside(folder: string, path: string): Promise<string | undefined> {
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(resolve(folder, path))]);
    return isInside(root, file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a path lies below a folder; both without links. */
export function isInside(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}
