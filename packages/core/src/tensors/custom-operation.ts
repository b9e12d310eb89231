import * as tf from '@tensorflow/tfjs-core';

/** Saves tensors for the backward pass. Call it once. */
export type Save = (tensors: tf.Tensor[]) => void;

/**
 * Operation with a custom gradient. The tape does not record the operations in `forward`, and its intermediate tensors
 * are freed at once, except those saved. `backward` returns one gradient per input.
 */
export function customOperation(
  inputs: readonly tf.Tensor[],
  forward: (save: Save) => tf.Tensor,
  backward: (gradient: tf.Tensor, saved: readonly tf.Tensor[]) => tf.Tensor[],
): tf.Tensor {
  const operation = tf.customGrad((...given) => ({
    value: forward(given.at(-1) as unknown as Save),
    gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => backward(gradient, saved)),
  }));
  return operation(...inputs);
}
