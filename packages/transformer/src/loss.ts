import { softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { PADDING } from './masks.ts';

/** Scalar terms of the loss. */
export type TransformerLoss = Readonly<Record<'loss', tf.Tensor>>;

/** Number of symbols that the loss is a mean over, all but padding: target int32 [B, T] → float32 scalar. */
export function symbolCount(target: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sum(tf.cast(tf.notEqual(target, PADDING), 'float32')));
}

/**
 * Cross-entropy with label smoothing: -Σᵥ qᵥ log pᵥ with q = (1 - ε) onehot(target) + ε / V (section 5.4), mean over all
 * symbols but padding. Logits [B, T, V], target int32 [B, T] → scalar, in nats per symbol.
 */
export function transformerLoss(logits: tf.Tensor, target: tf.Tensor, labelSmoothing = 0): TransformerLoss {
  return { loss: softmaxCrossEntropy(logits, target, { labelSmoothing, ignoreIndex: PADDING }) };
}
