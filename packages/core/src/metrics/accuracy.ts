import * as tf from '@tensorflow/tfjs-core';

/**
 * Whether the largest logit is the label's. It is not where a logit is NaN, whose place differs between backends.
 * @param logits [..., classes]
 * @param labels [...] int32
 * @returns bool [...]
 */
export function isCorrect(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const isNumber = tf.logicalNot(tf.any(tf.isNaN(logits), -1));
    return tf.logicalAnd(tf.equal(tf.argMax(logits, -1), labels), isNumber);
  });
}

/**
 * Fraction of predictions whose largest logit is the label's.
 * @param logits [B, classes]
 * @param labels [B] int32
 * @returns a float32 scalar
 */
export function accuracy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mean(tf.cast(isCorrect(logits, labels), 'float32')));
}
