import { ArrayBatches, type ArrayField, type RandomStream, type RandomTensors } from '@motley/core';
import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { VaeConfig } from './config.ts';
import type { Digits } from './data.ts';

/** Images [B, P] in [0, 1]; digits [B] if the objective has the center term. */
export type TrainingBatch = Readonly<Record<'images', tf.Tensor> & Partial<Record<'labels', tf.Tensor>>>;

/** Unshuffled batches of `images` [B, P] in [0, 1]. */
export function imageBatches(digits: Digits, batchSize: number): ArrayBatches<'images'> {
  return new ArrayBatches({ images: imageField(digits) }, { batchSize });
}

function imageField({ images, count }: Digits): ArrayField {
  return { values: images, shape: [images.length / count], divisor: 255 };
}

/** Shuffled batches, with digits if the objective needs them. */
export function trainingBatches(
  digits: Digits,
  { training, objective }: Pick<VaeConfig, 'training' | 'objective'>,
  random: RandomStream,
): BatchSource<TrainingBatch> {
  const options = { batchSize: training.batchSize, random };
  const images = imageField(digits);
  const labels = { values: Int32Array.from(digits.labels), shape: [] };
  const source = new ArrayBatches<string>(objective.centerWeight > 0 ? { images, labels } : { images }, options);
  return source as BatchSource<Readonly<Record<string, tf.Tensor>>> as BatchSource<TrainingBatch>;
}

/** Returns gray levels unchanged, or samples binary pixels with them as probabilities. [B, P] → [B, P]. */
export function drawPixels(gray: tf.Tensor, { data }: Pick<VaeConfig, 'data'>, random: RandomTensors): tf.Tensor {
  if (data.pixels === 'gray') return gray;
  return tf.tidy(() => tf.cast(tf.less(random.uniform(gray.shape), gray), 'float32'));
}
