import * as tf from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../nn/losses.ts';

export interface WeightedCrossEntropyOptions {
  /** Weight of each class. Default: 1 each. */
  readonly classWeights?: readonly number[];
  /** Weight of each example, in the shape of the labels, float32. Default: 1 each. */
  readonly exampleWeights?: tf.Tensor;
  /** ε, as in `softmaxCrossEntropy`; the classes' weights hold for the spread part too. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Mean cross-entropy of softmax(logits) with integer labels, weighted: Σᵢ sᵢ [(1 − ε) w_yᵢ (−log pᵢ,yᵢ) + ε/V Σᵥ wᵥ
 * (−log pᵢᵥ)] / Σᵢ sᵢ w_yᵢ, as PyTorch's `cross_entropy(weight=w, label_smoothing=ε)`, whose examples count the same.
 * Logits [..., V] float32, labels [...] int32 in [0, V) → scalar.
 * @throws RangeError where there is not a weight for each class; what `softmaxCrossEntropy` throws
 */
export function weightedCrossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { classWeights, exampleWeights, labelSmoothing = 0 }: WeightedCrossEntropyOptions,
): tf.Tensor {
  const classes = logits.shape.at(-1)!;
  if (classWeights !== undefined && classWeights.length !== classes)
    throw new RangeError(`weightedCrossEntropy: expected ${classes} class weights, got ${classWeights.length}`);
  return tf.tidy(() => {
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

/** Weights with which each class counts as much as the others, n / (V nᵥ), 1 on the mean of the examples; 0 for none. */
export function balancedClassWeights(labels: ArrayLike<number>, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const label of Array.from(labels)) counts[label]!++;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}
