import * as tf from '@tensorflow/tfjs-core';
import { customOperation } from '../tensors/custom-operation.ts';

/**
 * log Σ eˣ along axes, without overflow: −∞ where every value is −∞, +∞ where one is. `tf.logSumExp` has NaN for both.
 * The gradient is softmax(x); 0 where every value is −∞.
 * @param axis axes to sum over. Default: all
 */
export function logSumExp(x: tf.Tensor, axis?: number | readonly number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam((axis ?? null) as number[], x.shape);
  const withOnes = x.shape.map((size, index) => (axes.includes(index) ? 1 : size));
  return customOperation(
    [x],
    (save) => {
      const largest = tf.max(x, axes, true);
      const isFinite = tf.isFinite(largest);
      const shift = tf.where(isFinite, largest, tf.zerosLike(largest));
      const logSum = tf.log(tf.sum(tf.exp(tf.sub(x, shift)), axes, true));
      // A logarithm on a GPU is finite at 0.
      const result = tf.where(isFinite, tf.add(logSum, largest), largest);
      save([x, result]);
      return tf.squeeze(result, axes);
    },
    (gradient, [values, result]) => {
      const shift = tf.where(tf.equal(result!, -Infinity), tf.zerosLike(result!), result!);
      return [tf.mul(tf.reshape(gradient, withOnes), tf.exp(tf.sub(values!, shift)))];
    },
  );
}
