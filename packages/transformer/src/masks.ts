import * as tf from '@tensorflow/tfjs-core';

/** Index of the padding symbol. */
export const PADDING = 0;

/** Padding mask: tokens int32 [B, T] → bool [B, 1, 1, T], false at padding. */
export function paddingMask(tokens: tf.Tensor): tf.Tensor {
  const [batchSize, length] = tokens.shape as [number, number];
  return tf.reshape(tf.notEqual(tokens, tf.scalar(PADDING, 'int32')), [batchSize, 1, 1, length]);
}

/** Causal mask: bool [T, T], true where key position ≤ query position. */
export function causalMask(length: number): tf.Tensor {
  const positions = tf.range(0, length, 1, 'int32');
  return tf.greaterEqual(tf.reshape(positions, [length, 1]), tf.reshape(positions, [1, length]));
}
