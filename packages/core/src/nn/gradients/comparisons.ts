import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradients of comparisons, 0: TensorFlow.js has that of `greaterEqual` alone, and refuses to differentiate what
 * compares on its way, as `tf.divNoNan` does.
 */
export const comparisonGradients: readonly tf.GradConfig[] = ['Equal', 'Greater', 'Less', 'LessEqual', 'NotEqual'].map(
  (kernelName) => ({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_, [a, b]) => ({ a: () => tf.zerosLike(a!), b: () => tf.zerosLike(b!) }),
  }),
);
