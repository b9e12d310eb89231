import { accuracy, type LossTerms, softmaxCrossEntropy } from '@motley/core';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * Cross-entropy -1/B Σ log softmax(logits)[label] in nats per point, and the share of points whose likeliest class is
 * right: scalars.
 * @param logits [B, 2]
 * @param labels [B], int32
 */
export function classificationLoss(logits: tf.Tensor, labels: tf.Tensor): LossTerms {
  return { loss: softmaxCrossEntropy(logits, labels), accuracy: accuracy(logits, labels) };
}
