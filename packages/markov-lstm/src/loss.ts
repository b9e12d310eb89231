import { accuracy, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Scalars: nats per symbol, and the share of symbols whose likeliest prediction is right. */
export interface SymbolLoss extends Readonly<Record<string, tf.Tensor>> {
  readonly loss: tf.Tensor;
  readonly accuracy: tf.Tensor;
}

/**
 * Cross-entropy -1/N Σ log p(x[t + 1] | x[≤ t]) over the steps from `from` on. Before them the deciding symbol lies
 * outside the window. Logits [B, T, S], next symbols int32 [B, T].
 */
export function symbolLoss(logits: tf.Tensor, next: tf.Tensor, from: number): SymbolLoss {
  return tf.tidy(() => {
    const rest = tf.reshape(tf.slice(logits, [0, from, 0], [-1, -1, -1]), [-1, logits.shape[2]!]); // [N, S]
    const labels = tf.reshape(tf.slice(next, [0, from], [-1, -1]), [-1]); // [N]
    return { loss: softmaxCrossEntropy(rest, labels), accuracy: accuracy(rest, labels) };
  });
}
