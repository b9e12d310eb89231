import { accuracy, weightedCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Scalars over a batch. */
export interface FoodLoss extends Readonly<Record<string, tf.Tensor>> {
  /** Cross-entropy in nats per picture. */
  readonly loss: tf.Tensor;
  /** Share of the pictures whose largest logit is that of the label. */
  readonly accuracy: tf.Tensor;
}

/**
 * Cross-entropy -Σᵥ tᵥ log softmax(logits)ᵥ, mean over the pictures, weighted by class. The target t is 1 - ε on the
 * label, plus ε/V on every class.
 * @param logits [B, V]
 * @param labels [B] int32
 * @param options ε, and a weight for each class
 */
export function foodLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: { readonly labelSmoothing?: number; readonly classWeights?: readonly number[] } = {},
): FoodLoss {
  return tf.tidy(() => ({
    loss: weightedCrossEntropy(logits, labels, options),
    accuracy: accuracy(logits, labels),
  }));
}
