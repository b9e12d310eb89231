import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UserError } from '@motley/run';
import { isClutter, reasonOf } from '@motley/run/node';

/** Pictures of folders named by their class. */
export interface ClassFolders {
  /** Names of the folders, sorted. */
  readonly classes: readonly string[];
  readonly paths: readonly string[];
  /** [N], places in `classes`. */
  readonly labels: readonly number[];
}

/** A part of the data by the names of its folder. */
const PARTS = { training: ['train', 'training'], validation: ['val', 'valid', 'validation'], test: ['test'] } as const;
const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.webp']);
/** Folders within a class's folder. */
const MAX_DEPTH = 4;
const MAX_PICTURES = 100_000;

type Part = keyof typeof PARTS;

/**
 * Lists a folder of class folders, or one with such folders as `train`, `test` and perhaps `val`. Pictures of a class may
 * lie in folders below its own. Links, other files, and pictures beside the class folders are passed over.
 * @throws UserError naming the folder where there is no class with pictures, or a part has other classes
 */
export async function listFolders(
  root: string,
): Promise<{ readonly parts: Readonly<Partial<Record<Part, ClassFolders>>>; readonly whole?: ClassFolders }> {
  const names = await foldersIn(root);
  const folderOf = (part: Part) =>
    names.find((name) => (PARTS[part] as readonly string[]).includes(name.toLowerCase()));
  const [training, test] = [folderOf('training'), folderOf('test')];
  if (training === undefined || test === undefined) return { parts: {}, whole: await listClasses(root) };
  const validation = folderOf('validation');
  const parts = {
    training: await listClasses(join(root, training)),
    test: await listClasses(join(root, test)),
    ...(validation !== undefined && { validation: await listClasses(join(root, validation)) }),
  };
  for (const { classes } of [parts.test, ...(parts.validation === undefined ? [] : [parts.validation])])
    if (classes.join('/') !== parts.training.classes.join('/'))
      throw new UserError(
        `${root}: expected the classes ${parts.training.classes.join(', ')} in each part, found ${classes.join(', ')}`,
      );
  return { parts };
}

async function listClasses(root: string): Promise<ClassFolders> {
  const found: [name: string, paths: string[]][] = [];
  let count = 0;
  for (const name of await foldersIn(root)) {
    const paths = await picturesBelow(join(root, name), 0);
    count += paths.length;
    if (count > MAX_PICTURES) throw new UserError(`${root}: expected at most ${MAX_PICTURES} pictures, found more`);
    if (paths.length > 0) found.push([name, paths]);
  }
  if (found.length < 2)
    throw new UserError(
      `${root}: expected folders of JPEG, PNG or WebP pictures, one for each of two classes or more, found ${found.length}`,
    );
  return {
    classes: found.map(([name]) => name.replaceAll('_', ' ')),
    paths: found.flatMap(([, paths]) => paths),
    labels: found.flatMap(([, paths], label) => paths.map(() => label)),
  };
}

async function picturesBelow(folder: string, depth: number): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile() && EXTENSIONS.has(extname(entry.name).toLowerCase())) paths.push(path);
    if (entry.isDirectory() && depth < MAX_DEPTH)
      for (const below of await picturesBelow(path, depth + 1)) paths.push(below);
  }
  return paths;
}

async function foldersIn(folder: string): Promise<string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !isClutter(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new UserError(`${folder}: expected a folder of class folders, found: ${reasonOf(error)}`, { cause: error });
  }
}
