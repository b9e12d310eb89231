import * as tf from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../nn/losses.ts';

export interface WeightedCrossEntropyOptions {
  /** Weight of each class. Default: 1 each. */
  readonly classWeights?: readonly number[];
  /** Weight of each example, float32 in the shape of the labels. 0 leaves it out, whatever its logits. Default: 1 each. */
  readonly exampleWeights?: tf.Tensor;
  /** ε of label smoothing, as in `softmaxCrossEntropy`. Class weights also apply to the smoothed part. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Weighted mean cross-entropy of softmax(logits) with integer labels, in nats:
 *
 *   Σᵢ sᵢ [(1 − ε) w_yᵢ (−log pᵢ,yᵢ) + ε/V Σᵥ wᵥ (−log pᵢᵥ)] / Σᵢ sᵢ w_yᵢ
 *
 * Logits float32 [..., V], labels int32 [...] in [0, V) → scalar. With equal example weights sᵢ it matches PyTorch's
 * `cross_entropy(weight=w, label_smoothing=ε)`.
 * @throws RangeError where the number of class weights is not V
 * @throws Error as `softmaxCrossEntropy` does
 */
export function weightedCrossEntropy(
  given: tf.Tensor,
  labels: tf.Tensor,
  { classWeights, exampleWeights, labelSmoothing = 0 }: WeightedCrossEntropyOptions,
): tf.Tensor {
  const classes = given.shape.at(-1)!;
  if (classWeights !== undefined && classWeights.length !== classes)
    throw new RangeError(`weightedCrossEntropy: expected ${classes} class weights, got ${classWeights.length}`);
  return tf.tidy(() => {
    const logits = exampleWeights === undefined ? given : whereWeighted(given, exampleWeights);
    const ofClasses = tf.tensor1d(classWeights === undefined ? Array<number>(classes).fill(1) : [...classWeights]); // [V]
    const ofLabels = tf.gather(ofClasses, labels); // [...]
    const hard = softmaxCrossEntropy(logits, labels, { reduction: 'none' }); // [...]
    let losses: tf.Tensor = tf.mul(hard, tf.mul(ofLabels, 1 - labelSmoothing));
    if (labelSmoothing > 0) {
      const spread = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), ofClasses), -1)); // [...]
      losses = tf.add(losses, tf.mul(spread, labelSmoothing / classes));
    }
    const counted = exampleWeights === undefined ? ofLabels : tf.mul(ofLabels, exampleWeights);
    const weighted = exampleWeights === undefined ? losses : tf.mul(losses, exampleWeights);
    return tf.div(tf.sum(weighted), tf.sum(counted));
  });
}

/** Logits [..., V], with 0 for examples [...] of weight 0. */
function whereWeighted(logits: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.where(tf.expandDims(tf.notEqual(weights, 0), -1), logits, tf.zerosLike(logits));
}

/**
 * Class weights n / (V nᵥ), which give each class the same total weight. The mean over the examples is 1. A class
 * without examples has weight 0.
 * @throws RangeError naming a label that is no class
 */
export function balancedClassWeights(labels: ArrayLike<number>, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const label of Array.from(labels)) {
    if (!(label in counts)) throw new RangeError(`class weights: expected labels in [0, ${classes}), got ${label}`);
    counts[label]!++;
  }
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}
