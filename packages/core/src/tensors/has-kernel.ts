import * as tf from '@tensorflow/tfjs-core';

/** Whether the current backend has a kernel of this name. */
export function hasKernel(name: string): boolean {
  // The types of TensorFlow.js omit undefined.
  return (tf.getKernel(name, tf.getBackend()) as tf.KernelConfig | undefined) !== undefined;
}
