import { softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Scalar terms of the loss. */
export interface CharRnnLoss extends Readonly<Record<string, tf.Tensor>> {
  /** −1/(B T) Σ ln p(xₜ₊₁ | x₁ … xₜ), in nats per symbol. */
  readonly loss: tf.Tensor;
}

/** Cross-entropy of the next symbols: logits [B, T, V], next int32 [B, T] → scalar, in nats per symbol. */
export function charRnnLoss(logits: tf.Tensor, next: tf.Tensor): CharRnnLoss {
  return { loss: softmaxCrossEntropy(logits, next) };
}

/** Surprisal of each next symbol, −ln p(xₜ₊₁ | x₁ … xₜ): logits [B, T, V], next int32 [B, T] → nats [B, T]. */
export function surprisal(logits: tf.Tensor, next: tf.Tensor): tf.Tensor {
  return softmaxCrossEntropy(logits, next, { reduction: 'none' });
}

/**
 * Converts nats per symbol to bits per character.
 * @param symbolsPerCharacter 1 for code points, more for bytes of UTF-8
 */
export function bitsPerCharacter(natsPerSymbol: number, symbolsPerCharacter: number): number {
  return (natsPerSymbol * symbolsPerCharacter) / Math.LN2;
}
