import * as tf from '@tensorflow/tfjs-core';

/** Keeps tensors until the gradient is computed; call it once. */
export type Save = (tensors: tf.Tensor[]) => void;

/**
 * One operation with a gradient of its own: what `forward` runs leaves no trace on the tape, and everything it makes but
 * its result and what it saves is freed at once. `backward` gives a gradient for each of `inputs`.
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
