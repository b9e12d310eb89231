import { ArrayBatches, type ArrayField, type RandomStream, type RandomTensors } from '@motley/core';
import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { VaeConfig } from './config.ts';
import type { Digits } from './data.ts';

/** What a step is given: images [B, P] in [0, 1], digits [B] for the centre term, [B] parts of the kl's weight. */
export type TrainingBatch = Readonly<Record<'images', tf.Tensor> & Partial<Record<'labels' | 'klPart', tf.Tensor>>>;

/** Batches of images in [0, 1], `images` [B, P], in their own order. */
export function imageBatches(digits: Digits, batchSize: number): ArrayBatches<'images'> {
  return new ArrayBatches({ images: imageField(digits) }, { batchSize });
}

function imageField({ images, count }: Digits): ArrayField {
  return { values: images, shape: [images.length / count], divisor: 255 };
}

/** Shuffled batches with what the objective asks for beside the images. */
export function trainingBatches(
  digits: Digits,
  { training, objective }: Pick<VaeConfig, 'training' | 'objective'>,
  random: RandomStream,
): BatchSource<TrainingBatch> {
  const options = { batchSize: training.batchSize, random };
  const images = imageField(digits);
  const labels = { values: Int32Array.from(digits.labels), shape: [] };
  const source = new ArrayBatches<string>(objective.centreWeight > 0 ? { images, labels } : { images }, options);
  const plain = source as BatchSource<Readonly<Record<string, tf.Tensor>>> as BatchSource<TrainingBatch>;
  return objective.klWarmupSteps === 0 ? plain : withWarmup(plain, training.stepsPerEpoch, objective.klWarmupSteps);
}

/** With the part of the kl's weight beside each batch: a function of its place, so that a resumed training has it too. */
function withWarmup(
  source: BatchSource<TrainingBatch>,
  stepsPerEpoch: number | null,
  warmupSteps: number,
): BatchSource<TrainingBatch> {
  const { batchesPerEpoch } = source;
  return {
    batchesPerEpoch,
    async *batches(epoch, firstBatch = 0) {
      let step = epoch * (stepsPerEpoch ?? batchesPerEpoch) + firstBatch;
      for await (const batch of source.batches(epoch, firstBatch)) {
        const part = Math.min(1, step++ / warmupSteps);
        yield { ...batch, klPart: tf.fill([batch.images.shape[0]], part) };
      }
    },
  };
}

/** Grey levels as they are; or black and white by them, drawn anew at each step. [B, P] → [B, P]. */
export function drawPixels(grey: tf.Tensor, { data }: Pick<VaeConfig, 'data'>, random: RandomTensors): tf.Tensor {
  if (data.pixels === 'grey') return grey;
  return tf.tidy(() => tf.cast(tf.less(random.uniform(grey.shape), grey), 'float32'));
}
