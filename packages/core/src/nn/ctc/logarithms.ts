import * as tf from '@tensorflow/tfjs-core';

/** Logarithm of probability 0. It is finite, so that the difference of two is no NaN. */
export const LOG_ZERO = -1e30;

/** log 1 where a condition holds, else LOG_ZERO. */
export function asLogarithms(condition: tf.Tensor): tf.Tensor {
  return tf.where(condition, tf.zeros(condition.shape), tf.fill(condition.shape, LOG_ZERO));
}

/** Values, LOG_ZERO where they are below it. */
export function atLeastLogZero(values: tf.Tensor): tf.Tensor {
  const floor = tf.fill(values.shape, LOG_ZERO);
  // `tf.maximum` may lose a NaN.
  return tf.where(tf.less(values, floor), floor, values);
}

/** log(eˣ + eʸ) */
export function logAddExp(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return tf.add(tf.maximum(x, y), tf.log1p(tf.exp(tf.neg(tf.abs(tf.sub(x, y))))));
}

/** Columns [N, S] moved to the right, with a value in the first ones. */
export function shifted(rows: tf.Tensor, by: number, value: number): tf.Tensor {
  const [count, columns] = rows.shape as [number, number];
  const width = Math.min(by, columns);
  const rest = tf.slice(rows, [0, 0], [count, columns - width]);
  return tf.concat([tf.fill([count, width], value, rows.dtype as 'float32'), rest], 1);
}
