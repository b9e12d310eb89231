import * as tf from '@tensorflow/tfjs-core';

type Partial = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** ∂/∂a and ∂/∂b of an element-wise operation, each summed over the axes that broadcasting repeated. */
function broadcasting(kernelName: string, byA: Partial, byB: Partial): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (gradient, [a, b]) => {
      const dy = gradient as tf.Tensor;
      return {
        a: () => reduced(tf.mul(dy, byA(a!, b!)), a!.shape),
        b: () => reduced(tf.mul(dy, byB(a!, b!)), b!.shape),
      };
    },
  };
}

function reduced(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), shape);
}

const asFloat = (mask: tf.Tensor): tf.Tensor => tf.cast(mask, 'float32');

/**
 * Gradients of operations with broadcast operands. TensorFlow.js leaves them in the shape of the result. Where both
 * operands of a maximum or minimum are equal, the gradient goes to `a`.
 */
export const broadcastingGradients: readonly tf.GradConfig[] = [
  broadcasting(
    'Maximum',
    (a, b) => asFloat(tf.greaterEqual(a, b)),
    (a, b) => asFloat(tf.less(a, b)),
  ),
  broadcasting(
    'Minimum',
    (a, b) => asFloat(tf.lessEqual(a, b)),
    (a, b) => asFloat(tf.greater(a, b)),
  ),
  broadcasting(
    'SquaredDifference',
    (a, b) => tf.mul(tf.sub(a, b), 2),
    (a, b) => tf.mul(tf.sub(b, a), 2),
  ),
];
