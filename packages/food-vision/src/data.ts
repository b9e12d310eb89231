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
/** The squares of a part together. */
const MAX_BYTES = 4 * 2 ** 30;
/** Pictures that are decoded side by side: libvips waits and computes in threads of its own. */
const AT_A_TIME = 4;

/** A picture that is not read yet. */
interface Source {
  readonly name: string;
  readonly label: number;
  readonly read: () => Promise<Picture>;
}

/**
 * Loads the pictures of a run: of the folder, or of the configured source.
 * @throws UserError naming what is missing or damaged
 */
export async function loadData(settings: FoodVisionConfig, dataPath: string | undefined): Promise<FoodData> {
  if (dataPath !== undefined) return fromFolders(settings, dataPath, 'crop');
  if (settings.data.source === 'emoji') return fromEmoji(settings);
  return fromFolders(settings, openclipart(), 'whole');
}

/** @throws UserError where it is not installed */
function openclipart(): string {
  if (existsSync(OPENCLIPART)) return OPENCLIPART;
  throw new UserError(
    `data.source: expected ${OPENCLIPART} of Debian's package openclipart-png (131 MB: apt-get install openclipart-png), found none`,
  );
}

/** Pictures that are not divided into parts. */
export interface WholeData {
  readonly classes: readonly string[];
  readonly framing: Framing;
  readonly pictures: LabeledPictures;
  /** Style of each picture, where styles and not pictures are to be held out. */
  readonly styles: readonly string[] | undefined;
}

/**
 * Loads all pictures of the folder or of the configured source, without dividing them.
 * @throws UserError as `loadData` does, and for a folder that is divided already
 */
export async function loadWhole(settings: FoodVisionConfig, dataPath: string | undefined): Promise<WholeData> {
  const usual = dataPath === undefined ? 'whole' : 'crop';
  const framing = settings.data.framing === 'auto' ? usual : settings.data.framing;
  if (dataPath === undefined && settings.data.source === 'emoji') {
    const { foods, sources } = await emojiSources();
    const pictures = await squaresOf(sources, settings, framing);
    return { classes: foods, framing, pictures, styles: sources.map(({ style }) => style) };
  }
  const root = dataPath ?? openclipart();
  const { whole } = await listFolders(root);
  if (whole === undefined) throw new UserError(`${root}: expected class folders alone, found train and test`);
  const pictures = await squaresOf(sourcesOf(whole), settings, framing);
  return { classes: whole.classes, framing, pictures, styles: undefined };
}

async function emojiSources() {
  const { foods, emoji } = await loadEmoji();
  const sources = emoji.map(({ food, style, draw }) => {
    return { name: `${food}, ${style}`, label: foods.indexOf(food), read: draw, style };
  });
  return { foods, sources };
}

async function fromEmoji(settings: FoodVisionConfig): Promise<FoodData> {
  const { foods, sources } = await emojiSources();
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
  return {
    classes: kept,
    framing,
    training: await squaresOf(training, settings, framing),
    validation: validation === undefined ? undefined : await squaresOf(validation, settings, framing),
    test: await squaresOf(test, settings, framing),
  };
}

async function squaresOf(
  sources: readonly Source[],
  { model }: FoodVisionConfig,
  framing: Framing,
): Promise<LabeledPictures> {
  const { preprocessing } = architectures[model.architecture];
  const size = preprocessing.cropSize;
  const length = size * size * 3;
  if (sources.length * length > MAX_BYTES)
    throw new UserError(
      `data: expected pictures of at most ${MAX_BYTES} bytes together at ${size} × ${size} pixels, found ${sources.length} pictures`,
    );
  const squares = new Uint8Array(sources.length * length);
  const numbered = sources.entries();
  const failures: unknown[] = [];
  const readRest = async (): Promise<void> => {
    for (const [place, { read }] of numbered) {
      if (failures.length > 0) return;
      try {
        squares.set(frame(await read(), preprocessing, framing).values, place * length);
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
