import * as tf from '@tensorflow/tfjs-core';

/**
 * The part of predictions whose largest logit is the label's: logits [B, classes], labels [B] int32 → scalar float32.
 */
export function accuracy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mean(tf.cast(tf.equal(tf.argMax(logits, -1), labels), 'float32')));
}
