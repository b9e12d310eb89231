import * as tf from '@tensorflow/tfjs-core';

/** Gradient by one operand from that of the result. */
type Partial = (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Gradients of an element-wise operation, each summed over the axes that broadcasting repeated. */
function broadcasting(kernelName: string, byA: Partial, byB: Partial): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (gradient, [a, b]) => {
      const dy = gradient as tf.Tensor;
      return {
        a: () => reduced(byA(dy, a!, b!), a!.shape),
        b: () => reduced(byB(dy, a!, b!), b!.shape),
      };
    },
  };
}

function reduced(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), shape);
}

/** 0 where the operand loses, half where both are equal, else all. */
const unlessLost = (dy: tf.Tensor, loses: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.where(loses, tf.zerosLike(dy), tf.where(tf.equal(a, b), tf.div(dy, 2), dy));

/**
 * Gradients of operations with broadcast operands. TensorFlow.js leaves them in the shape of the result. Equal operands of
 * a maximum or minimum share the gradient evenly, as in PyTorch.
 */
export const broadcastingGradients: readonly tf.GradConfig[] = [
  broadcasting(
    'Maximum',
    (dy, a, b) => unlessLost(dy, tf.less(a, b), a, b),
    (dy, a, b) => unlessLost(dy, tf.greater(a, b), a, b),
  ),
  broadcasting(
    'Minimum',
    (dy, a, b) => unlessLost(dy, tf.greater(a, b), a, b),
    (dy, a, b) => unlessLost(dy, tf.less(a, b), a, b),
  ),
  broadcasting(
    'SquaredDifference',
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  ),
];
