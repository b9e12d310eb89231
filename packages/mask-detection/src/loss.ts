/**
 * Losses of Faster R-CNN (Ren et al., 2015, equation 1; Girshick, "Fast R-CNN", 2015, equations 2 and 3).
 *
 * S samples, V classes with the background.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Where the smooth L1 loss turns from a parabola into a line. */
const BETA = 1 / 9;

/** Σ w smooth(d), where smooth(d) = d² / 2β for |d| < β, else |d| - β/2. Differences [..., 4], weights [...]. */
export function smoothL1Sum(differences: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const distance = tf.abs(differences);
    const within = tf.clipByValue(distance, 0, BETA);
    const losses = tf.add(tf.mul(tf.square(within), 0.5 / BETA), tf.sub(distance, within));
    return tf.sum(tf.mul(tf.sum(losses, -1), weights));
  });
}

/** Mean of -log P(label) over the samples of weight 1, where P(object) = σ(logit). All are [...]. */
export function binaryCrossEntropy(logits: tf.Tensor, isObject: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    // log(1 + e⁻|x|) + max(x, 0) - x y
    const soft = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
    const losses = tf.sub(tf.add(soft, tf.relu(logits)), tf.mul(logits, isObject));
    return tf.div(tf.sum(tf.mul(losses, weights)), tf.maximum(tf.sum(weights), 1));
  });
}

/** Mean of -log P(label) over the samples of weight 1: logits [S, V], labels int32 [S], weights [S]. */
export function classCrossEntropy(logits: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const isLabel = tf.oneHot(labels, logits.shape[1]!);
    const losses = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits as tf.Tensor2D), isLabel), 1));
    return tf.div(tf.sum(tf.mul(losses, weights)), tf.maximum(tf.sum(weights), 1));
  });
}
