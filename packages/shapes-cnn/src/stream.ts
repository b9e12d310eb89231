import { Dataset, type DatasetBatches, type FieldSpec, RandomStream } from '@motley/core';
import { drawShape, type Shape, type ShapeOptions } from '@motley/core/generators';

/** What a batch holds: `images` [B, H, W, 3] in [0, 1], `labels` [B] int32. */
export type ShapeField = 'images' | 'labels';

/** Pictures: each is a function of seed, name and its place, and of what is drawn. */
export interface PictureOptions {
  readonly seed: number;
  readonly name: string;
  readonly shapes: ShapeOptions;
  /** Only those whose contrast or noise lies in a range: the others are drawn again. */
  readonly only?: { readonly quantity: 'contrast' | 'noise'; readonly range: readonly [low: number, high: number] };
}

/** A stream of pictures, each of which comes once. */
export interface StreamOptions extends PictureOptions {
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  /** Pictures over which the stream goes from the easiest to all that `shapes` says; 0 for none. */
  readonly curriculumImages: number;
}

/** Streams that end, one after the other. */
export interface HeldOptions {
  readonly parts: readonly PictureOptions[];
  /** Pictures of each. */
  readonly count: number;
  readonly batchSize: number;
}

/** How often a picture is drawn again before its range is taken for one that there is nothing in. */
const MAX_TRIES = 10_000;

/**
 * The picture at a place of a stream, and what was drawn.
 * @throws RangeError where none lies in the range asked for
 */
export function pictureAt({ seed, name, ...options }: PictureOptions, place: number): Shape {
  return draw(RandomStream.fromSeed(seed).fork(name).fork(place), options);
}

function draw(random: RandomStream, { shapes, only }: Pick<PictureOptions, 'shapes' | 'only'>): Shape {
  if (only === undefined) return drawShape(random, shapes);
  const [low, high] = only.range;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const shape = drawShape(random.fork(tries), shapes);
    if (shape[only.quantity] >= low && shape[only.quantity] < high) return shape;
  }
  throw new RangeError(`shapes: expected a ${only.quantity} from ${low} to ${high} in ${MAX_TRIES} pictures, got none`);
}

/**
 * Pictures without an end, drawn as they are asked for and kept nowhere. Worker threads load this module: it needs nothing
 * of Node's.
 */
export function shapeStream(options: StreamOptions): DatasetBatches<ShapeField> {
  const { batchSize, batchesPerEpoch, curriculumImages, shapes } = options;
  const pictures = Dataset.fromIndex(Infinity, (place) => {
    const difficulty = place < curriculumImages ? place / curriculumImages : 1;
    return fieldsOf(pictureAt({ ...options, shapes: easier(shapes, difficulty) }, place));
  });
  return pictures.batch({ batchSize, batchesPerEpoch, fields: fieldSpecs(options) });
}

/** The first pictures of each of some streams, drawn likewise. */
export function heldStreams({ parts, count, batchSize }: HeldOptions): DatasetBatches<ShapeField> {
  const pictures = Dataset.fromIndex(parts.length * count, (place) =>
    fieldsOf(pictureAt(parts[Math.floor(place / count)]!, place % count)),
  );
  return pictures.batch({ batchSize, fields: fieldSpecs(parts[0]!) });
}

/** Where a curriculum begins: how large a part of each range is left. */
const EASIEST = { size: 1 / 3, contrast: 0.6 };

/**
 * Shapes of a difficulty from 0 to 1: at first only large ones that stand out, without noise, and then all (Bengio et al.,
 * "Curriculum learning", ICML 2009).
 */
export function easier(shapes: ShapeOptions, difficulty: number): ShapeOptions {
  if (difficulty === 1) return shapes;
  const { diameters: [smallest, largest] = [0.3, 0.9], minContrast = 0.3, maxNoise = 0.1 } = shapes;
  const between = (easy: number, hard: number): number => easy + difficulty * (hard - easy);
  return {
    ...shapes,
    diameters: [between(largest - EASIEST.size * (largest - smallest), smallest), largest],
    minContrast: between(Math.max(minContrast, EASIEST.contrast), minContrast),
    maxNoise: between(0, maxNoise),
  };
}

function fieldsOf({ image, label }: Shape): Readonly<Record<ShapeField, Uint8Array | number>> {
  return { images: image, labels: label };
}

function fieldSpecs({ shapes: { imageSize = 64 } }: PictureOptions): Readonly<Record<ShapeField, FieldSpec>> {
  return {
    images: { shape: [imageSize, imageSize, 3], dtype: 'float32', divisor: 255 },
    labels: { shape: [], dtype: 'int32' },
  };
}
