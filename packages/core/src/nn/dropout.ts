import * as tf from '@tensorflow/tfjs-core';
import type { RandomTensors } from '../random/random-stream.ts';
import { Module } from './module.ts';

/** float32 [...shape]: 0 with probability `rate`, else 1 / (1 - rate). */
export function dropoutFactors(shape: readonly number[], rate: number, random: RandomTensors): tf.Tensor {
  return tf.tidy(() => {
    const isKept = tf.greaterEqual(random.uniform(shape), rate);
    return tf.mul(tf.cast(isKept, 'float32'), 1 / (1 - rate));
  });
}

/**
 * Zeroes elements with probability `rate` while training, and scales the others up so that the mean stays (Srivastava
 * et al., 2014); otherwise does nothing.
 */
export class Dropout extends Module {
  readonly rate: number;

  /** @throws RangeError where the rate is not in [0, 1) */
  constructor(rate: number) {
    super();
    if (!(rate >= 0 && rate < 1)) throw new RangeError(`Dropout: expected a rate in [0, 1), got ${rate}`);
    this.rate = rate;
  }

  /** Any shape, float32 → the same. `random` is the step's noise, which is what a compiled step can draw anew. */
  forward(input: tf.Tensor, random: RandomTensors): tf.Tensor {
    if (!this.training || this.rate === 0) return tf.clone(input);
    return tf.tidy(() => tf.mul(input, dropoutFactors(input.shape, this.rate, random)));
  }
}
