import type { Shape, ShapeOptions } from '@motley/core/generators';
import { workerBatches, type WorkerBatchSource } from '@motley/core/node';
import { UserError } from '@motley/run';
import type { ShapesConfig } from './config.ts';
import { pictureAt, type HeldOutOptions, type PictureOptions, type ShapeField, type StreamOptions } from './stream.ts';

export type ShapeBatches = WorkerBatchSource<ShapeField>;

/** Fixed, so that metrics do not depend on the training's batch size. Large, as no gradients take memory. */
const EVALUATION_BATCH_SIZE = 250;

/**
 * Options of the generator.
 * @throws UserError naming a field with its larger value first
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
 * Opens the endless stream of training pictures, cut into epochs and drawn in worker threads. The caller disposes of it.
 * @throws UserError if an epoch is smaller than a batch
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

/** Opens the stream of validation pictures, which choose the best checkpoint. The caller disposes of it. */
export function openValidationStream({ data, training }: ShapesConfig): Promise<ShapeBatches> {
  const { seed } = training;
  return openHeldOut([{ seed, name: 'validation', shapes: shapeOptions(data) }], data.validationImages, data);
}

/** Opens the stream of test pictures, with a seed of its own. The caller disposes of it. */
export function openTestStream(settings: ShapesConfig): Promise<ShapeBatches> {
  return openHeldOut([testPictures(settings)], settings.evaluation.images, settings.data);
}

/** Opens the first `count` pictures of each of some streams, one stream after the other. The caller disposes of it. */
export function openHeldOut(
  parts: readonly PictureOptions[],
  count: number,
  data: ShapesConfig['data'],
): Promise<ShapeBatches> {
  return open('heldOutStreams', { parts, count, batchSize: EVALUATION_BATCH_SIZE } satisfies HeldOutOptions, data);
}

/** The test picture at a place, with its drawn properties. */
export function testPicture(settings: ShapesConfig, place: number): Shape {
  return pictureAt(testPictures(settings), place);
}

function testPictures({ data, evaluation }: ShapesConfig): PictureOptions {
  return { seed: evaluation.seed, name: 'test', shapes: shapeOptions(data) };
}

function open(
  factory: string,
  options: StreamOptions | HeldOutOptions,
  { workers, prefetch }: ShapesConfig['data'],
): Promise<ShapeBatches> {
  const module = new URL(import.meta.url.endsWith('.ts') ? './stream.ts' : './stream.js', import.meta.url);
  return workerBatches({ module, factory, options }, { workers, prefetch });
}

function pair(field: string, [low, high]: readonly number[]): [number, number] {
  if (!(low! <= high!)) throw new UserError(`${field}: expected the smaller first, got ${low!},${high!}`);
  return [low!, high!];
}
