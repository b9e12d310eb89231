import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradient of `tf.where`. TensorFlow.js multiplies by the condition, so that a gradient that is not finite spoils the
 * operand that was not selected.
 */
export const selectionGradient: tf.GradConfig = {
  kernelName: 'Select',
  inputsToSave: ['condition'],
  gradFunc: (gradient, [condition]) => {
    const dy = gradient as tf.Tensor;
    return {
      condition: () => tf.zerosLike(tf.cast(condition!, 'float32')),
      t: () => tf.where(condition!, dy, tf.zerosLike(dy)),
      e: () => tf.where(condition!, tf.zerosLike(dy), dy),
    };
  },
};
