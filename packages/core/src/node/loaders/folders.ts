import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { UserError, printable, shown } from '@motley/run';
import { isClutter, reasonOf } from '@motley/run/node';

/** Part of a path that a message shows. Data may name a path of any length. */
const LONGEST_PATH = 1000;

/**
 * Resolves a path found in data, following links.
 * @param folder folder that must contain the file
 * @param where position at which the path was found, for messages
 * @throws UserError if there is no such file, or it is outside the folder
 */
export async function pathWithin(folder: string, path: string, where: string): Promise<string> {
  const root = await existing(folder, folder);
  const joined = join(root, path);
  if (isAbsolute(path) || isOutside(root, joined))
    throw new UserError(`${where}: expected a path within ${folder}, found ${shown(path)}`);
  const real = await existing(joined, where);
  if (isOutside(root, real)) throw new UserError(`${where}: expected a path within ${folder}, found a link to ${real}`);
  return real;
}

/**
 * Resolves the path of a file found in data, like `pathWithin`.
 * @throws UserError like `pathWithin`, and if it is a folder or a device
 */
export async function fileWithin(folder: string, path: string, where: string): Promise<string> {
  const real = await pathWithin(folder, path, where);
  if (!(await stat(real)).isFile())
    throw new UserError(`${where}: expected a file within ${folder}, found ${shown(path)}, which is none`);
  return real;
}

function isOutside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

async function existing(path: string, where: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const named = where === path ? '' : `${where}: `;
    throw new UserError(
      `${named}${printable(path, LONGEST_PATH)}: expected a file or folder, found: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/**
 * Lists a folder's entries, sorted by character codes so that every machine gives the same order. Hidden files and
 * leftovers of file managers are skipped.
 * @param expected description of the folder, for messages
 * @throws UserError if the path is not a folder
 */
export async function namesIn(folder: string, expected: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => !isClutter(name)).sort();
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'it is a file' : reasonOf(error);
    throw new UserError(`${folder}: expected ${expected}, found: ${found}`, { cause: error });
  }
}
