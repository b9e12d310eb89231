import { accuracy, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Scalars over a batch. */
export interface ShapesLoss extends Readonly<Record<string, tf.Tensor>> {
  /** Cross-entropy in nats per picture, with label smoothing. */
  readonly loss: tf.Tensor;
  /** Share of the pictures whose largest logit is that of the label. */
  readonly accuracy: tf.Tensor;
}

/**
 * Cross-entropy -Σᵥ tᵥ log softmax(logits)ᵥ, mean over the pictures. The target t is 1 - ε on the label, plus ε/V on every
 * class (label smoothing; Szegedy et al., 2016, equation 8).
 * @param logits [B, V]
 * @param labels [B] int32
 * @param labelSmoothing ε
 */
export function shapesLoss(logits: tf.Tensor, labels: tf.Tensor, labelSmoothing = 0): ShapesLoss {
  return tf.tidy(() => ({
    loss: softmaxCrossEntropy(logits, labels, { labelSmoothing }),
    accuracy: accuracy(logits, labels),
  }));
}
