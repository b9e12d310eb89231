import { ArrayBatches, RandomStream } from '@motley/core';
import type { BatchSource } from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import type { MaskDetectionConfig } from './config.ts';

export const CLASS_NAMES = ['inner', 'outer'] as const;

/** Mean radius of each class. */
export const RADII = [1, 2] as const;

/** Labelled points of the plane. */
export interface Points {
  /** [N, 2] */
  readonly positions: Float32Array;
  /** [N], places in `CLASS_NAMES`. */
  readonly labels: Int32Array;
}

export interface MaskDetectionData {
  readonly training: Points;
  readonly validation: Points;
  readonly test: Points;
}

/** Draws the three parts, each from a stream of its own. */
export function generatePoints({ data }: Pick<MaskDetectionConfig, 'data'>): MaskDetectionData {
  const random = RandomStream.fromSeed(data.seed);
  return {
    training: drawRings(data.trainingExamples, data.noise, random.fork('training')),
    validation: drawRings(data.validationExamples, data.noise, random.fork('validation')),
    test: drawRings(data.testExamples, data.noise, random.fork('test')),
  };
}

/** Points at a uniform angle, and a radius from N(1, noise²) or N(2, noise²), each for half of them on average. */
export function drawRings(count: number, noise: number, random: RandomStream): Points {
  const labels = random.fork('labels').integers(count, 0, CLASS_NAMES.length);
  const angles = random.fork('angles').uniformValues(count, 0, 2 * Math.PI);
  const errors = random.fork('radii').normalValues(count, 0, noise);
  const positions = new Float32Array(2 * count);
  for (const [index, label] of labels.entries()) {
    const radius = RADII[label]! + errors[index]!;
    positions[2 * index] = radius * Math.cos(angles[index]!);
    positions[2 * index + 1] = radius * Math.sin(angles[index]!);
  }
  return { positions, labels };
}

/**
 * Batches of points: `positions` float32 [B, 2] and `labels` int32 [B].
 * @param random shuffles each epoch anew; without it points keep their order
 */
export function pointBatches(
  { positions, labels }: Points,
  batchSize: number,
  random?: RandomStream,
): BatchSource<Readonly<Record<'positions' | 'labels', tf.Tensor>>> {
  // A training has whole batches, so that its compiled step has one shape.
  const dropLast = random !== undefined && labels.length >= batchSize;
  return new ArrayBatches(
    { positions: { values: positions, shape: [2] }, labels: { values: labels, shape: [], below: RADII.length } },
    { batchSize, dropLast, ...(random && { random }) },
  );
}
