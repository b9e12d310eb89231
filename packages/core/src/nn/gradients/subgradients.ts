import '#gradients';
import * as tf from '@tensorflow/tfjs-core';

/** A product that is 0 where `factor` is, also for a gradient that is not finite. */
function productOrZero(gradient: tf.Tensor, factor: tf.Tensor): tf.Tensor {
  const product = tf.mul(gradient, factor);
  return tf.where(tf.equal(factor, 0), tf.zerosLike(product), product);
}

/** |x|′ = sign(x), 0 at 0. TensorFlow.js has −1 there. */
const absGradient: tf.GradConfig = {
  kernelName: 'Abs',
  inputsToSave: ['x'],
  gradFunc: (gradient, [x]) => ({ x: () => tf.mul(gradient as tf.Tensor, tf.sign(tf.cast(x!, 'float32'))) }),
};

/** 1 in (0, 6), else 0. TensorFlow.js has 1 at 6. */
const relu6Gradient: tf.GradConfig = {
  kernelName: 'Relu6',
  inputsToSave: ['x'],
  gradFunc: (gradient, [x]) => ({
    x: () => {
      const dy = gradient as tf.Tensor;
      return tf.where(tf.logicalAnd(tf.greater(x!, 0), tf.less(x!, 6)), dy, tf.zerosLike(dy));
    },
  }),
};

/**
 * Maximum or minimum along axes: equal elements share the gradient. TensorFlow.js gives each all of it. As PyTorch's
 * `amax` and `amin`.
 */
function extreme(kernelName: string, axisAttribute: string): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (gradient, [x, y], attributes) => {
      const axes = tf.util.parseAxisParam(attributes[axisAttribute] as number[], x!.shape);
      const withOnes = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      return {
        x: () => {
          const isExtreme = tf.equal(x!, tf.reshape(y!, withOnes));
          // Not a cast, as WebGPU cannot sum a cast bool along axes that are not the last.
          const count = tf.sum(tf.where(isExtreme, tf.onesLike(x!), tf.zerosLike(x!)), axes, true);
          const share = tf.div(tf.reshape(gradient as tf.Tensor, withOnes), count);
          return tf.where(isExtreme, share, tf.zerosLike(x!));
        },
      };
    },
  };
}

/** The gradient of x² is 0 at 0, so that a norm, √Σ x², has gradient 0 there although that of the root is infinite. */
const squareGradient: tf.GradConfig = {
  kernelName: 'Square',
  inputsToSave: ['x'],
  gradFunc: (gradient, [x]) => ({
    x: () => productOrZero(gradient as tf.Tensor, tf.mul(tf.cast(x!, 'float32'), 2)),
  }),
};

const stockPowGradient = tf.getGradient('Pow');

/** The gradient by the base, b a^(b − 1), is 0 where that is 0 and where b is, as in PyTorch. */
const powGradient: tf.GradConfig = {
  ...stockPowGradient,
  gradFunc: (gradient, saved, attributes) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    return {
      ...stockPowGradient.gradFunc(gradient, saved, attributes),
      a: () => {
        const exponent = tf.cast(b, 'float32');
        const slope = tf.mul(exponent, tf.pow(a, tf.sub(exponent, 1)));
        const factor = tf.where(tf.equal(exponent, 0), tf.zerosLike(slope), slope);
        const byA = productOrZero(gradient as tf.Tensor, factor);
        return tf.reshape(tf.sum(byA, tf.broadcast_util.getReductionAxes(a.shape, byA.shape)), a.shape);
      },
    };
  },
};

/** Gradients at points where a function has a kink, as in PyTorch. */
export const subgradients: readonly tf.GradConfig[] = [
  absGradient,
  extreme('Max', 'reductionIndices'),
  extreme('Min', 'axis'),
  powGradient,
  relu6Gradient,
  squareGradient,
];
