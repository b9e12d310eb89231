import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { UserError } from '@motley/run';
import { loadLines } from '@motley/run/node';

/** A photograph with a name. */
export interface Stamp {
  readonly path: string;
  /** The first line of its text, as it is: `A quarter of pizza.` */
  readonly name: string;
  /** Its folder: `food/fruit`. */
  readonly group: string;
}

/** Where Debian's package tuxpaint-stamps-default has its pictures. */
export const STAMPS_FOLDER = '/usr/share/tuxpaint/stamps';

/** Folders of photographs of things that have names. */
const THINGS = new Set([
  'animals',
  'clothes',
  'food',
  'hobbies',
  'household',
  'medical',
  'military',
  'plants',
  'sports',
  'vehicles',
]);
/** Folders in them of what is no photograph of the thing itself. */
const OTHERS = new Set(['cartoon', 'plastic', 'toys']);

/**
 * The photographs among Debian's stamps, cut out on transparent ground, sorted by path.
 * @throws UserError where the folder has none
 */
export async function listStamps(folder = STAMPS_FOLDER): Promise<Stamp[]> {
  const expected = `${folder}: expected the stamps of Debian's package (161 MB: apt-get install tuxpaint-stamps-default)`;
  if (!existsSync(folder)) throw new UserError(`${expected}, found none`);
  const stamps: Stamp[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.png')) continue;
    const group = relative(folder, entry.parentPath).split(sep);
    const text = join(entry.parentPath, entry.name.replace(/\.png$/, '.txt'));
    if (!THINGS.has(group[0]!) || group.some((part) => OTHERS.has(part)) || !existsSync(text)) continue;
    const [name = ''] = await loadLines(text);
    stamps.push({ path: join(entry.parentPath, entry.name), name: name.trim(), group: group.join('/') });
  }
  if (stamps.length === 0) throw new UserError(`${expected}, found no photographs`);
  return stamps.sort((a, b) => (a.path < b.path ? -1 : 1));
}
