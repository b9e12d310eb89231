import * as tf from '@tensorflow/tfjs-core';

/** The index of the symbol that fills sentences up to the length of the longest. */
export const PADDING = 0;

/** Which positions may be attended to: tokens int32 [B, T] → bool [B, 1, 1, T], true where there is no padding. */
export function paddingMask(tokens: tf.Tensor): tf.Tensor {
  const [batchSize, length] = tokens.shape as [number, number];
  return tf.reshape(tf.notEqual(tokens, tf.scalar(PADDING, 'int32')), [batchSize, 1, 1, length]);
}

/** Position t may attend to 0 … t: bool [T, T]. */
export function causalMask(length: number): tf.Tensor {
  const positions = tf.range(0, length, 1, 'int32');
  return tf.greaterEqual(tf.reshape(positions, [length, 1]), tf.reshape(positions, [1, length]));
}
