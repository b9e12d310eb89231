import { softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { PADDING } from './masks.ts';

/** Terms of the loss, scalars. */
export type TransformerLoss = Readonly<Record<'loss', tf.Tensor>>;

/**
 * -Σᵥ qᵥ log pᵥ, meaned over the symbols that are no padding, with q = (1 - ε) onehot(target) + ε / V (section 5.4):
 * logits [B, T, V], target int32 [B, T] → scalar, in nats per symbol.
 */
export function transformerLoss(logits: tf.Tensor, target: tf.Tensor, labelSmoothing = 0): TransformerLoss {
  return { loss: softmaxCrossEntropy(logits, target, { labelSmoothing, ignoreIndex: PADDING }) };
}
