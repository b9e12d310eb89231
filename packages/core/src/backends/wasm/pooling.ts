import * as tf from '@tensorflow/tfjs-core';

/**
 * The kernels that look for the place of a maximum start from the smallest positive number, and find none where all
 * values are below it: here they get the values raised above 1, which are in the same order.
 */
export function fromRaised(inputName: string): (stock: tf.KernelFunc) => tf.KernelFunc {
  return (stock) => (call) => {
    const images = call.inputs[inputName] as tf.Tensor;
    const raised = tf.tidy(() => tf.add(tf.sub(images, tf.min(images)), 1));
    try {
      return stock({ ...call, inputs: { ...call.inputs, [inputName]: raised } });
    } finally {
      raised.dispose();
    }
  };
}
