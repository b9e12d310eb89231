import { softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Scalars. */
export interface CharRnnLoss extends Readonly<Record<string, tf.Tensor>> {
  /** −1/(B T) Σ ln p(xₜ₊₁ | x₁ … xₜ), in nats per symbol. */
  readonly loss: tf.Tensor;
}

/** The mean surprise at the next symbols: logits [B, T, V], next int32 [B, T] → nats per symbol. */
export function charRnnLoss(logits: tf.Tensor, next: tf.Tensor): CharRnnLoss {
  return { loss: softmaxCrossEntropy(logits, next) };
}

/** The surprise at each of the next symbols, −ln p(xₜ₊₁ | x₁ … xₜ): logits [B, T, V], next int32 [B, T] → nats [B, T]. */
export function surprise(logits: tf.Tensor, next: tf.Tensor): tf.Tensor {
  return softmaxCrossEntropy(logits, next, { reduction: 'none' });
}

/**
 * Bits per character of a mean in nats per symbol, where a character takes `symbolsPerCharacter` of them: 1 for code
 * points, more for bytes in UTF-8.
 */
export function bitsPerCharacter(natsPerSymbol: number, symbolsPerCharacter: number): number {
  return (natsPerSymbol * symbolsPerCharacter) / Math.LN2;
}
