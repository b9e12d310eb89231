import * as tf from '@tensorflow/tfjs-core';

/**
 * Fraction of predictions whose largest logit is the label's.
 * @param logits [B, classes]
 * @param labels [B] int32
 * @returns a float32 scalar
 */
export function accuracy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mean(tf.cast(tf.equal(tf.argMax(logits, -1), labels), 'float32')));
}
