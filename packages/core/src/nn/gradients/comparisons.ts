import * as tf from '@tensorflow/tfjs-core';

/**
 * Zero gradients of comparisons. TensorFlow.js defines only that of `greaterEqual`, so it cannot differentiate
 * functions that compare internally, such as `tf.divNoNan`.
 */
export const comparisonGradients: readonly tf.GradConfig[] = ['Equal', 'Greater', 'Less', 'LessEqual', 'NotEqual'].map(
  (kernelName) => ({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_, [a, b]) => ({ a: () => tf.zerosLike(a!), b: () => tf.zerosLike(b!) }),
  }),
);
