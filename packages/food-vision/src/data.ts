import { existsSync } from 'node:fs';
import { RandomStream } from '@motley/core';
import { UserError } from '@motley/run';
import { architectures } from './architectures.ts';
import type { FoodVisionConfig } from './config.ts';
import { readPicture } from './pictures/decode.ts';
import { frame, type Framing } from './pictures/framing.ts';
import type { Picture } from './pictures/resample.ts';
import { loadEmoji } from './sources/emoji.ts';
import { type ClassFolders, listFolders } from './sources/folders.ts';
import { stratifiedSplit } from './sources/split.ts';

/** Pictures as the network sees them, before their normalization. */
export interface LabeledPictures {
  /** [N, S, S, 3] */
  readonly squares: Uint8Array;
  /** S */
  readonly size: number;
  /** [N], places in the classes. */
  readonly labels: Int32Array;
  /** [N], where each is from. */
  readonly names: readonly string[];
}

export interface FoodData {
  readonly classes: readonly string[];
  readonly framing: Framing;
  readonly training: LabeledPictures;
  /** Undefined where none are held out for it. */
  readonly validation: LabeledPictures | undefined;
  readonly test: LabeledPictures;
}

/** Where Debian's package of drawings has its food. */
const OPENCLIPART = '/usr/share/openclipart/png/food';
/** All squares together. */
const MAX_BYTES = 4 * 2 ** 30;
/** Pictures that are decoded side by side: libvips waits and computes in threads of its own. */
const AT_A_TIME = 4;

/** A picture that is not read yet. */
interface Source {
  readonly name: string;
  readonly label: number;
  read(): Promise<Picture>;
}

/**
 * Loads the pictures of a run: of the folder, or of the configured source.
 * @throws UserError naming what is missing or damaged
 */
export async function loadData(settings: FoodVisionConfig, dataPath: string | undefined): Promise<FoodData> {
  if (dataPath !== undefined) return fromFolders(settings, dataPath, 'crop');
  if (settings.data.source === 'emoji') return fromEmoji(settings);
  if (!existsSync(OPENCLIPART))
    throw new UserError(
      `data.source: expected ${OPENCLIPART} of Debian's package openclipart-png (131 MB: apt-get install openclipart-png), found none`,
    );
  return fromFolders(settings, OPENCLIPART, 'whole');
}

async function fromEmoji(settings: FoodVisionConfig): Promise<FoodData> {
  const { foods, emoji } = await loadEmoji();
  const sources = emoji.map(({ food, style, draw }) => {
    return { name: `${food}, ${style}`, label: foods.indexOf(food), read: draw, style };
  });
  const { heldOutStyle } = settings.data;
  return assemble(settings, foods, 'whole', {
    training: sources.filter(({ style }) => style !== heldOutStyle),
    test: sources.filter(({ style }) => style === heldOutStyle),
  });
}

async function fromFolders(settings: FoodVisionConfig, root: string, usual: Framing): Promise<FoodData> {
  const { parts, whole } = await listFolders(root);
  if (whole === undefined) {
    const { training, validation, test } = parts;
    return assemble(settings, training!.classes, usual, {
      training: sourcesOf(training!),
      test: sourcesOf(test!),
      ...(validation !== undefined && { validation: sourcesOf(validation) }),
    });
  }
  const sources = sourcesOf(whole);
  const [training, test] = stratifiedSplit(whole.labels, settings.data.testShare, splitRandom(settings, 'test'));
  return assemble(settings, whole.classes, usual, {
    training: training.map((place) => sources[place]!),
    test: test.map((place) => sources[place]!),
  });
}

function sourcesOf({ paths, labels }: ClassFolders): Source[] {
  return paths.map((path, place) => ({ name: path, label: labels[place]!, read: () => readPicture(path) }));
}

/** Each seed has splits of its own. */
function splitRandom({ training }: FoodVisionConfig, part: string): RandomStream {
  return RandomStream.fromSeed(training.seed).fork('split').fork(part);
}

interface Parts {
  readonly training: readonly Source[];
  readonly validation?: readonly Source[];
  readonly test: readonly Source[];
}

async function assemble(
  settings: FoodVisionConfig,
  names: readonly string[],
  usual: Framing,
  parts: Parts,
): Promise<FoodData> {
  const { validationShare, framing: wanted, maxClasses } = settings.data;
  const kept = names.slice(0, maxClasses ?? names.length);
  const isKept = ({ label }: Source) => label < kept.length;
  const [all, test] = [parts.training.filter(isKept), parts.test.filter(isKept)];
  const given = parts.validation?.filter(isKept);
  const framing = wanted === 'auto' ? usual : wanted;
  let [training, validation] = [all, given];
  if (given === undefined && validationShare > 0) {
    const labels = all.map(({ label }) => label);
    const [trained, held] = stratifiedSplit(labels, validationShare, splitRandom(settings, 'validation'));
    [training, validation] = [trained.map((place) => all[place]!), held.map((place) => all[place]!)];
  }
  const { preprocessing } = architectures[settings.model.architecture];
  const size = preprocessing.cropSize;
  const count = training.length + (validation?.length ?? 0) + test.length;
  if (count * size * size * 3 > MAX_BYTES)
    throw new UserError(
      `data: expected pictures of at most ${MAX_BYTES} bytes together at ${size} × ${size} pixels, found ${count}`,
    );
  const square = (picture: Picture) => frame(picture, preprocessing, framing).values;
  return {
    classes: kept,
    framing,
    training: await squaresOf(training, size, square),
    validation: validation === undefined ? undefined : await squaresOf(validation, size, square),
    test: await squaresOf(test, size, square),
  };
}

async function squaresOf(
  sources: readonly Source[],
  size: number,
  square: (picture: Picture) => Uint8Array,
): Promise<LabeledPictures> {
  const squares = new Uint8Array(sources.length * size * size * 3);
  const numbered = sources.entries();
  const failures: unknown[] = [];
  const readRest = async (): Promise<void> => {
    for (const [place, { read }] of numbered) {
      if (failures.length > 0) return;
      try {
        squares.set(square(await read()), place * size * size * 3);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, readRest));
  if (failures.length > 0) throw failures[0];
  return {
    squares,
    size,
    labels: Int32Array.from(sources, ({ label }) => label),
    names: sources.map(({ name }) => name),
  };
}

/** One picture's square: [S, S, 3]. */
export function squareAt({ squares, size }: Pick<LabeledPictures, 'squares' | 'size'>, place: number): Uint8Array {
  const length = size * size * 3;
  return squares.subarray(place * length, (place + 1) * length);
}
