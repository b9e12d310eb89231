import * as tf from '@tensorflow/tfjs-core';

/** Whether the current backend has a kernel of this name. */
export function hasKernel(name: string): boolean {
  // TensorFlow.js types the answer as always there.
  return (tf.getKernel(name, tf.getBackend()) as tf.KernelConfig | undefined) !== undefined;
}
