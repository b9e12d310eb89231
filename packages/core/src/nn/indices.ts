import * as tf from '@tensorflow/tfjs-core';

/** Whether tensors lie in the host's memory, where a read waits for nothing. */
export function isOnHost(): boolean {
  return ['cpu', 'wasm'].includes(tf.getBackend());
}

/**
 * Checks indices where that needs no wait for a device.
 * @param expected what is expected, for the message
 * @throws RangeError naming an index outside [0, count), on the JavaScript and WebAssembly backends
 */
export function requireIndices(indices: tf.Tensor, count: number, expected: string): void {
  if (!isOnHost()) return;
  const wrong = indices.dataSync<'int32'>().find((index) => index < 0 || index >= count);
  if (wrong !== undefined) throw new RangeError(`${expected} in [0, ${count}), got ${wrong}`);
}

/**
 * Values [n], NaN where the index of a value is outside [0, count): on devices, whose kernels give 0 or a neighbor's
 * value. Training then stops at a loss that is not finite.
 */
export function nanOutside(values: tf.Tensor, indices: tf.Tensor, count: number): tf.Tensor {
  if (isOnHost() || indices.size === 0) return values;
  const isInside = tf.logicalAnd(tf.greaterEqual(indices, 0), tf.less(indices, count));
  return tf.where(isInside, values, tf.fill(values.shape, NaN));
}

/** Values of any shape, all NaN where one of the indices [n] is outside [0, count), as in `nanOutside`. */
export function addNanOutside(values: tf.Tensor, indices: tf.Tensor, count: number): tf.Tensor {
  if (isOnHost() || indices.size === 0) return values;
  // One scalar, so that a training step has a single pass more over the values.
  return tf.add(values, tf.sum(nanOutside(tf.zeros(indices.shape), indices, count)));
}
