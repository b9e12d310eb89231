import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UserError } from '@motley/run';
import { isClutter, readUserFile, reasonOf } from '@motley/run/node';
import { alignFace, type Landmarks } from '../pictures/align.ts';
import { readPicture } from '../pictures/read.ts';
import type { FacePictures } from './people.ts';

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.pgm']);
const MAX_PICTURES = 200_000;
const MAX_TABLE_BYTES = 2 ** 26;
/** Numbers of a line of landmarks. */
const COORDINATES = 10;
/** File of a folder that names the pairs which test, as Labeled Faces in the Wild has it. */
export const PAIRS_FILE = 'pairs.txt';
/** File of a folder with five landmarks for each picture. */
const LANDMARKS_FILE = 'landmarks.csv';

/** Pictures of a folder that has a folder for each person. */
export interface PeopleFolder {
  readonly root: string;
  /** Names of the folders, numbers in them in the order of their size. */
  readonly names: readonly string[];
  /** Paths of each person's pictures from the root: `s1/1.pgm`. */
  readonly files: readonly (readonly string[])[];
}

const inOrder = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Lists a folder with a folder for each person. Files beside these are passed over, links too.
 * @throws UserError naming the folder where there are no two people with pictures
 */
export async function listPeople(root: string): Promise<PeopleFolder> {
  const found: (readonly [name: string, files: readonly string[]])[] = [];
  let count = 0;
  for (const folder of await entriesOf(root)) {
    if (!folder.isDirectory()) continue;
    const pictures = (await entriesOf(join(root, folder.name)))
      .filter((entry) => entry.isFile() && EXTENSIONS.has(extname(entry.name).toLowerCase()))
      .map(({ name }) => `${folder.name}/${name}`)
      .sort(inOrder);
    count += pictures.length;
    if (count > MAX_PICTURES) throw new UserError(`${root}: expected at most ${MAX_PICTURES} pictures, found more`);
    if (pictures.length > 0) found.push([folder.name, pictures]);
  }
  if (found.length < 2)
    throw new UserError(
      `${root}: expected folders of JPEG, PNG or PGM pictures, one for each of two people or more, found ${found.length}`,
    );
  found.sort(([a], [b]) => inOrder(a, b));
  return { root, names: found.map(([name]) => name), files: found.map(([, files]) => files) };
}

async function entriesOf(folder: string) {
  try {
    return (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !isClutter(name));
  } catch (error) {
    throw new UserError(`${folder}: expected a folder of people's folders, found: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Landmarks of some pictures, by the path from the root. */
export type LandmarkTable = ReadonlyMap<string, Landmarks>;

/**
 * Reads `landmarks.csv` of a folder, if it has one: a line for each picture, its path and the x and y of left eye, right
 * eye, nose, left and right corner of the mouth, in pixels. A first line of names is passed over.
 * @throws UserError naming the line that is none
 */
export async function readLandmarks(root: string): Promise<LandmarkTable> {
  const path = join(root, LANDMARKS_FILE);
  const isThere = (await readdir(root)).includes(LANDMARKS_FILE);
  if (!isThere) return new Map();
  return parseLandmarks((await readUserFile(path, 'a table of landmarks', MAX_TABLE_BYTES)).toString('utf8'), path);
}

/** @throws UserError as `readLandmarks` does */
export function parseLandmarks(text: string, where: string): LandmarkTable {
  const table = new Map<string, Landmarks>();
  for (const [place, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [file = '', ...rest] = line.split(',').map((part) => part.trim());
    const numbers = rest.map(Number);
    const isNumeric = rest.every((part) => part !== '') && numbers.every(Number.isFinite);
    if (place === 0 && !isNumeric) continue;
    if (!isNumeric || numbers.length !== COORDINATES)
      throw new UserError(`${where}:${place + 1}: expected a path and ten numbers, found "${line.slice(0, 80)}"`);
    const points = Array.from({ length: 5 }, (_, at) => [numbers[2 * at]!, numbers[2 * at + 1]!] as const);
    table.set(file, points as unknown as Landmarks);
  }
  return table;
}

/** How pictures of a folder become squares. */
export interface Framing {
  /** Pixels of each side. */
  readonly size: number;
  /** By the path from the root. */
  readonly landmarks: LandmarkTable;
  /** Landmarks of pictures that the table does not have; undefined takes their middle. */
  readonly usual?: Landmarks | undefined;
}

/**
 * Reads the pictures of some people of a folder.
 * @param people places in `names`
 * @param from place of the first picture of each person, `to` that after the last. Default: all pictures
 */
export async function readPeople(
  { root, names, files }: PeopleFolder,
  people: readonly number[],
  { size, landmarks, usual }: Framing,
  range: (count: number) => readonly [from: number, to: number] = (count) => [0, count],
): Promise<FacePictures> {
  const chosen = people.flatMap((person, row) =>
    files[person]!.slice(...range(files[person]!.length)).map((file) => [row, file] as const),
  );
  const squares = new Uint8Array(chosen.length * size * size * 3);
  for (const [place, [, file]] of chosen.entries()) {
    const picture = await readPicture(join(root, file));
    squares.set(alignFace(picture, landmarks.get(file) ?? usual, size), place * size * size * 3);
  }
  return {
    squares,
    size,
    people: Int32Array.from(chosen, ([row]) => row),
    names: people.map((person) => names[person]!),
    files: chosen.map(([, file]) => file),
  };
}
