import { readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { UserError } from '@motley/run';
import { reasonOf } from '@motley/run/node';

const CLUTTER = new Set(['thumbs.db', 'desktop.ini', '__macosx']);

/**
 * Where a path that data name really is, links followed.
 * @param folder what it must stay within
 * @param where names the place that the path comes from, for messages
 * @throws UserError where there is no such file, or it is outside the folder
 */
export async function pathWithin(folder: string, path: string, where: string): Promise<string> {
  const root = await existing(folder, folder);
  const joined = join(root, path);
  if (isAbsolute(path) || isOutside(root, joined))
    throw new UserError(`${where}: expected a path within ${folder}, found ${path}`);
  const real = await existing(joined, where);
  if (isOutside(root, real)) throw new UserError(`${where}: expected a path within ${folder}, found a link to ${real}`);
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
    throw new UserError(`${named}${path}: expected a file or folder, found: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Names of a folder's entries, sorted by their characters' codes on every machine; hidden ones and those that file
 * managers leave behind are passed over.
 * @param expected what it should be, for the message
 * @throws UserError where it is no folder
 */
export async function namesIn(folder: string, expected: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => !name.startsWith('.') && !CLUTTER.has(name.toLowerCase())).sort();
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'it is a file' : reasonOf(error);
    throw new UserError(`${folder}: expected ${expected}, found: ${found}`, { cause: error });
  }
}
