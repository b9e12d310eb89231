import type { Shape, ShapeOptions } from '@motley/core/generators';
import { workerBatches, type WorkerBatchSource } from '@motley/core/node';
import { UserError } from '@motley/run';
import type { ShapesConfig } from './config.ts';
import { pictureAt, type HeldOptions, type PictureOptions, type ShapeField, type StreamOptions } from './stream.ts';

export type ShapeBatches = WorkerBatchSource<ShapeField>;

/** Large, for there is no gradient to hold; even, so that a figure does not hang on the training's batch size. */
const EVALUATION_BATCH_SIZE = 250;

/**
 * The generator's part of the configuration.
 * @throws UserError naming the field whose ends are the wrong way round
 */
export function shapeOptions({ imageSize, diameters, thicknesses, minContrast, maxNoise }: ShapesConfig['data']) {
  return {
    imageSize,
    diameters: pair('data.diameters', diameters),
    thicknesses: pair('data.thicknesses', thicknesses),
    minContrast,
    maxNoise,
  } satisfies ShapeOptions;
}

/**
 * The training's pictures, drawn in worker threads: a stream without an end, cut into epochs. The caller disposes of it,
 * as of the others.
 * @throws UserError where an epoch holds no batch
 */
export function openTrainingStream({ data, training }: ShapesConfig): Promise<ShapeBatches> {
  const { seed, batchSize } = training;
  const batchesPerEpoch = Math.floor(data.imagesPerEpoch / batchSize);
  if (batchesPerEpoch === 0)
    throw new UserError(`data.imagesPerEpoch: expected at least a batch of ${batchSize}, got ${data.imagesPerEpoch}`);
  const { curriculumImages } = data;
  const shapes = shapeOptions(data);
  const options: StreamOptions = { seed, name: 'training', batchSize, batchesPerEpoch, curriculumImages, shapes };
  return open('shapeStream', options, data);
}

/** The pictures that choose the best checkpoint. */
export function openValidationStream({ data, training }: ShapesConfig): Promise<ShapeBatches> {
  const { seed } = training;
  return openHeld([{ seed, name: 'validation', shapes: shapeOptions(data) }], data.validationImages, data);
}

/** The pictures of the last figure, of a seed of their own: the same for every training. */
export function openTestStream(settings: ShapesConfig): Promise<ShapeBatches> {
  return openHeld([testPictures(settings)], settings.evaluation.images, settings.data);
}

/** So many pictures of each of some streams, one stream after the other. */
export function openHeld(
  parts: readonly PictureOptions[],
  count: number,
  data: ShapesConfig['data'],
): Promise<ShapeBatches> {
  return open('heldStreams', { parts, count, batchSize: EVALUATION_BATCH_SIZE } satisfies HeldOptions, data);
}

/** The test's picture at a place, and what was drawn. */
export function testPicture(settings: ShapesConfig, place: number): Shape {
  return pictureAt(testPictures(settings), place);
}

function testPictures({ data, evaluation }: ShapesConfig): PictureOptions {
  return { seed: evaluation.seed, name: 'test', shapes: shapeOptions(data) };
}

function open(
  factory: string,
  options: StreamOptions | HeldOptions,
  { workers, prefetch }: ShapesConfig['data'],
): Promise<ShapeBatches> {
  const module = new URL(import.meta.url.endsWith('.ts') ? './stream.ts' : './stream.js', import.meta.url);
  return workerBatches({ module, factory, options }, { workers, prefetch });
}

function pair(field: string, [low, high]: readonly number[]): [number, number] {
  if (!(low! <= high!)) throw new UserError(`${field}: expected the smaller first, got ${low!},${high!}`);
  return [low!, high!];
}
