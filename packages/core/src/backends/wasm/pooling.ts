import * as tf from '@tensorflow/tfjs-core';

/**
 * Max pooling of raised values. The stock kernels start from the smallest positive number and miss maxima below it, so
 * the values are shifted above 1, in the same order.
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
