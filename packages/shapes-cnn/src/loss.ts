import { accuracy, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Scalars over a batch. */
export interface ShapesLoss extends Readonly<Record<string, tf.Tensor>> {
  /** Cross-entropy in nats per picture, with its label smoothing where there is any. */
  readonly loss: tf.Tensor;
  /** Share of the pictures whose largest logit is their class's. */
  readonly accuracy: tf.Tensor;
}

/**
 * -Σᵥ tᵥ log softmax(logits)ᵥ, its mean over the pictures; t is 1 - ε on the label and ε/V spread over all classes
 * (Szegedy et al., 2016, equation 8). Logits [B, V], labels [B] int32.
 */
export function shapesLoss(logits: tf.Tensor, labels: tf.Tensor, labelSmoothing = 0): ShapesLoss {
  return tf.tidy(() => ({
    loss: softmaxCrossEntropy(logits, labels, { labelSmoothing }),
    accuracy: accuracy(logits, labels),
  }));
}
