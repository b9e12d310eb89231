import { join } from 'node:path';
import { UserError } from '@motley/run';
import { readUserFile } from '@motley/run/node';
import type { FaceVerificationConfig } from './config.ts';
import { alignedSize } from './sources/aligned.ts';
import { listPeople, PAIRS_FILE, type PeopleFolder, readLandmarks, readPeople } from './sources/folders.ts';
import { drawPeople } from './sources/generated.ts';
import { orlFolder, orlLandmarks } from './sources/orl.ts';
import { type NamedFold, parsePairsFile } from './sources/pairs-file.ts';
import type { FacePictures } from './sources/people.ts';
import type { Fold, Pair } from './verification/folds.ts';

/** Pictures of a run. No person is in two of its parts: trained people, `validation` and `test`. */
export interface FaceData {
  /** V: people whom a network is trained on. */
  readonly trainedPeople: number;
  /** Reads what is trained on, once: commands that do not train need none of it. */
  readonly readTraining: () => Promise<FacePictures>;
  /** Other pictures of the people who are trained on; undefined where none are held out. */
  readonly heldOut: FacePictures | undefined;
  /** People who set the threshold; undefined where there are none. */
  readonly validation: FacePictures | undefined;
  readonly test: FacePictures;
  /** Pairs of test pictures by their places, where a file gives them. */
  readonly folds: readonly Fold[] | undefined;
  /** Deviation of the generator's pictures around their person; undefined for other pictures. */
  readonly deviation: number | undefined;
}

/** Pictures of unseen people, which fit the baselines. */
const BASELINE_PEOPLE = 60;
const BASELINE_PICTURES = 8;
/** Trained people of a folder who are set aside to set the threshold: so large a share at most. */
const VALIDATION_SHARE = 0.2;
/** A network's three halvings leave one position of so many. */
const HALVED_SIDES = 8;
const MAX_PAIRS_BYTES = 2 ** 26;
const MAX_BYTES = 4 * 2 ** 30;

export interface LoadOptions {
  readonly signal?: AbortSignal;
  /** Takes a line for the user. */
  readonly say?: (line: string) => void;
}

/**
 * Loads the pictures of a run: drawn ones, ORL's, or those of a folder.
 * @throws UserError naming what is missing or damaged
 */
export async function loadData(
  settings: FaceVerificationConfig,
  dataPath: string | undefined,
  options: LoadOptions = {},
): Promise<FaceData> {
  const [side, least] = [alignedSize(settings.data), HALVED_SIDES * settings.model.stemStride];
  if (side < least)
    throw new UserError(
      `data.size: expected faces of at least ${least} pixels for model.stemStride ${settings.model.stemStride}, got ${side}, aligned from ${settings.data.size}`,
    );
  if (dataPath !== undefined) return fromFolder(settings, await listPeople(dataPath));
  if (settings.data.source === 'orl') return fromFolder(settings, await listPeople(orlFolder()));
  return generated(settings, options);
}

async function generated(settings: FaceVerificationConfig, { signal, say }: LoadOptions): Promise<FaceData> {
  const { people, picturesPerPerson, heldOutPictures, validationPeople, testPeople, testPictures, deviation } =
    settings.data;
  const pictures = people * picturesPerPerson;
  const bytes = pictures * alignedSize(settings.data) ** 2 * 3;
  if (bytes > MAX_BYTES)
    throw new UserError(`data: expected pictures of at most ${MAX_BYTES} bytes together, got ${pictures} of them`);
  const trained = { first: 0, count: people };
  const draw = (who: typeof trained, which: typeof trained) =>
    drawPeople(settings, { people: who, pictures: which }, signal);
  const unseen = { first: 0, count: testPictures };
  return {
    trainedPeople: people,
    readTraining: once(() => {
      say?.(`drawing ${pictures} faces of ${people} people to train on`);
      return draw(trained, { first: 0, count: picturesPerPerson });
    }),
    heldOut:
      heldOutPictures === 0 ? undefined : await draw(trained, { first: picturesPerPerson, count: heldOutPictures }),
    validation: validationPeople === 0 ? undefined : await draw({ first: people, count: validationPeople }, unseen),
    test: await draw({ first: people + validationPeople, count: testPeople }, unseen),
    folds: undefined,
    deviation,
  };
}

/** Calls `make` at the first call alone. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Drawn pictures of trained people, or those that are trained on, for baselines which learn. */
export function baselinePictures(settings: FaceVerificationConfig, data: FaceData): Promise<FacePictures> {
  if (data.deviation === undefined) return data.readTraining();
  const { people, picturesPerPerson } = settings.data;
  return drawPeople(settings, {
    people: { first: 0, count: Math.min(people, BASELINE_PEOPLE) },
    pictures: { first: 0, count: Math.min(picturesPerPerson, BASELINE_PICTURES) },
  });
}

async function fromFolder(settings: FaceVerificationConfig, folder: PeopleFolder): Promise<FaceData> {
  const { testShare, heldOutPictures, validationPeople, source } = settings.data;
  const isOrl = source === 'orl' || folder.root.endsWith('ORL_faces');
  const framing = {
    size: alignedSize(settings.data),
    landmarks: await readLandmarks(folder.root),
    ...(isOrl && settings.data.alignment === 'landmarks' && { usual: orlLandmarks }),
  };
  const named = await readPairs(folder.root);
  const people = Array.from(folder.names.keys());
  const tested = named === undefined ? lastOf(people, testShare) : peopleOf(named, folder);
  const others = people.filter((person) => !tested.includes(person));
  const setAside = Math.min(validationPeople, Math.floor(VALIDATION_SHARE * others.length));
  const trained = others.slice(0, others.length - setAside);
  const read = (who: readonly number[], range?: (count: number) => readonly [number, number]) =>
    readPeople(folder, who, framing, range);
  const shown = (count: number) => Math.max(1, count - heldOutPictures);
  const test = await read(tested);
  const heldOut = heldOutPictures === 0 ? undefined : await read(trained, (count) => [shown(count), count]);
  return {
    trainedPeople: trained.length,
    readTraining: once(() => {
      if (trained.length < 2)
        throw new UserError(`${folder.root}: expected two people or more to train on, found ${trained.length}`);
      return read(trained, (count) => [0, shown(count)]);
    }),
    heldOut: heldOut?.people.length === 0 ? undefined : heldOut,
    validation: setAside === 0 ? undefined : await read(others.slice(trained.length)),
    test,
    folds: named?.map((fold) => placedFold(fold, test, join(folder.root, PAIRS_FILE))),
    deviation: undefined,
  };
}

/** The last of the people, two at least. */
function lastOf(people: readonly number[], share: number): number[] {
  const count = Math.min(people.length, Math.max(2, Math.round(share * people.length)));
  return people.slice(people.length - count);
}

async function readPairs(root: string): Promise<NamedFold[] | undefined> {
  const path = join(root, PAIRS_FILE);
  const text = await readUserFile(path, 'a file of pairs', MAX_PAIRS_BYTES).catch((error: unknown) => {
    if ((error as { cause?: NodeJS.ErrnoException }).cause?.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parsePairsFile(text.toString('utf8'), path);
}

/** Places of the people whom a pairs file names. */
function peopleOf(folds: readonly NamedFold[], { names, root }: PeopleFolder): number[] {
  const wanted = new Set(
    folds.flatMap(({ same, different }) => [...same, ...different].flat().map(({ name }) => name)),
  );
  return Array.from(wanted, (name) => {
    const place = names.indexOf(name);
    if (place < 0) throw new UserError(`${join(root, PAIRS_FILE)}: expected people with a folder, found "${name}"`);
    return place;
  }).sort((a, b) => a - b);
}

/** A fold's pairs as places of test pictures: picture 7 of Jo is the file that ends in `_0007`, `7` or the like. */
function placedFold(fold: NamedFold, { files }: FacePictures, where: string): Fold {
  const places = new Map(files.map((file, place) => [keyOf(file), place]));
  const placed = (pairs: NamedFold['same']): Pair[] =>
    pairs.map((pair) => {
      const [first, second] = pair.map(({ name, number }) => {
        const place = places.get(`${name}/${number}`);
        if (place === undefined)
          throw new UserError(`${where}: expected pictures of the folder, found ${name} ${number}`);
        return place;
      });
      return [first!, second!];
    });
  return { same: placed(fold.same), different: placed(fold.different) };
}

/** `Jo/Jo_0007.jpg` and `Jo/7.pgm` are both `Jo/7`. */
function keyOf(file: string): string {
  const [name = '', base = ''] = file.split('/');
  const digits = /(\d+)\.[a-z]+$/i.exec(base)?.[1];
  return `${name}/${digits === undefined ? base : Number(digits)}`;
}
