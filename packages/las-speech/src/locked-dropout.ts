import type { Dropout, RandomTensors } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Dropout that zeroes the same features at every step of a sequence, [B, T, D] (Gal & Ghahramani, 2016). The identity in
 * evaluation mode.
 * @throws Error where training lacks its noise
 */
export function lockedDropout(input: tf.Tensor, dropout: Dropout, random: RandomTensors | undefined): tf.Tensor {
  if (!dropout.training || dropout.rate === 0) return input;
  if (random === undefined) throw new Error(`dropout ${dropout.rate}: expected the step's random, got none`);
  const [batch, , size] = input.shape as [number, number, number];
  return tf.mul(input, dropout.forward(tf.ones([batch, 1, size]), random));
}
