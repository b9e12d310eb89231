import type { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Normally distributed, float32. */
export function normalTensor(shape: readonly number[], random: RandomStream): tf.Tensor {
  return tf.tensor(random.normalValues(tf.util.sizeFromShape([...shape])), [...shape], 'float32');
}

/** Uniform in 0 to `count` - 1, int32. */
export function integerTensor(shape: readonly number[], count: number, random: RandomStream): tf.Tensor {
  return tf.tensor(random.integers(tf.util.sizeFromShape([...shape]), 0, count), [...shape], 'int32');
}

/** Pictures and their classes: `images` [B, H, W, 3], `labels` [B]. */
export function imageBatch(batchSize: number, size: number, classes: number, random: RandomStream) {
  return {
    images: normalTensor([batchSize, size, size, 3], random),
    labels: integerTensor([batchSize], classes, random),
  };
}
