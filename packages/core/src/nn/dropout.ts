import * as tf from '@tensorflow/tfjs-core';
import type { RandomTensors } from '../random/random-stream.ts';
import { Module } from './module.ts';

/**
 * Dropout mask, float32 [...shape]: 0 with probability `rate`, else 1 / (1 - rate).
 * @throws RangeError where the rate is not in [0, 1]
 */
export function dropoutFactors(shape: readonly number[], rate: number, random: RandomTensors): tf.Tensor {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`dropout: expected a rate in [0, 1], got ${rate}`);
  // 0 · 1 / 0 is NaN.
  if (rate === 1) return tf.zeros([...shape]);
  return tf.tidy(() => {
    const isKept = tf.greaterEqual(random.uniform(shape), rate);
    return tf.mul(tf.cast(isKept, 'float32'), 1 / (1 - rate));
  });
}

/**
 * Dropout. In training mode, zeroes each element with probability `rate` and scales the rest by 1 / (1 - rate), which
 * keeps the mean (Srivastava et al., 2014). The identity in evaluation mode.
 */
export class Dropout extends Module {
  readonly rate: number;

  /** @throws RangeError where the rate is not in [0, 1) */
  constructor(rate: number) {
    super();
    if (!(rate >= 0 && rate < 1)) throw new RangeError(`Dropout: expected a rate in [0, 1), got ${rate}`);
    this.rate = rate;
  }

  /**
   * Any shape, float32 → same shape. `random` is the noise of the training step, so that a compiled step draws a new
   * mask each time.
   */
  forward(input: tf.Tensor, random: RandomTensors): tf.Tensor {
    if (!this.training || this.rate === 0) return tf.clone(input);
    return tf.tidy(() => tf.mul(input, dropoutFactors(input.shape, this.rate, random)));
  }
}
