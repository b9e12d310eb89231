import type { Schedule } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A schedule as a tensor function of `LossContext.step`, for use in a loss. Returns a float32 scalar, constant after
 * `lastStep`. Values come from a precomputed table, so that a compiler cannot round them differently.
 */
export function tensorSchedule(schedule: Schedule, lastStep: number): (step: tf.Tensor) => tf.Tensor {
  const values = Float32Array.from({ length: lastStep + 1 }, (_, step) => schedule(step));
  return (step) => tf.tidy(() => tf.gather(tf.tensor1d(values), tf.minimum(step, tf.scalar(lastStep, 'int32'))));
}
