import { Dataset, type DatasetBatches, type FieldSpec, RandomStream } from '@motley/core';
import { drawShape, type Shape, type ShapeOptions } from '@motley/core/generators';

/** Fields of a batch: `images` [B, H, W, 3] in [0, 1], `labels` [B] int32. */
export type ShapeField = 'images' | 'labels';

/** A stream of pictures. A picture is a function of seed, name, place and `shapes`. */
export interface PictureOptions {
  readonly seed: number;
  readonly name: string;
  readonly shapes: ShapeOptions;
  /** Keeps only pictures with their contrast or noise in a range; others are drawn again. */
  readonly only?: { readonly quantity: 'contrast' | 'noise'; readonly range: readonly [low: number, high: number] };
}

/** An endless stream of pictures in batches. */
export interface StreamOptions extends PictureOptions {
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  /** Number of pictures over which the difficulty grows to that of `shapes`; 0 for no curriculum. */
  readonly curriculumImages: number;
}

/** The first pictures of some streams, one stream after the other. */
export interface HeldOutOptions {
  readonly parts: readonly PictureOptions[];
  /** Pictures from each stream. */
  readonly count: number;
  readonly batchSize: number;
}

/** Draws of a picture before its range counts as empty. */
const MAX_TRIES = 10_000;

/**
 * The picture at a place of a stream, with its drawn properties.
 * @throws RangeError if no picture lies in the range of `only`
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
 * An endless stream of pictures, drawn on request and not stored. Worker threads load this module, so it must not import
 * Node's modules.
 */
export function shapeStream(options: StreamOptions): DatasetBatches<ShapeField> {
  const { batchSize, batchesPerEpoch, curriculumImages, shapes } = options;
  const pictures = Dataset.fromIndex(Infinity, (place) => {
    const difficulty = place < curriculumImages ? place / curriculumImages : 1;
    return fieldsOf(pictureAt({ ...options, shapes: easier(shapes, difficulty) }, place));
  });
  return pictures.batch({ batchSize, batchesPerEpoch, fields: fieldSpecs(options) });
}

/** The first pictures of each of some streams, drawn on request. */
export function heldOutStreams({ parts, count, batchSize }: HeldOutOptions): DatasetBatches<ShapeField> {
  const pictures = Dataset.fromIndex(parts.length * count, (place) =>
    fieldsOf(pictureAt(parts[Math.floor(place / count)]!, place % count)),
  );
  return pictures.batch({ batchSize, fields: fieldSpecs(parts[0]!) });
}

/** Start of the curriculum: share of the range of diameters, and smallest contrast. */
const EASIEST = { size: 1 / 3, contrast: 0.6 };

/**
 * Options for shapes of a difficulty from 0 (only large shapes of high contrast, without noise) to 1 (all shapes); Bengio
 * et al., "Curriculum learning", ICML 2009.
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
