import * as tf from '@tensorflow/tfjs-core';
import { sumByIndex } from '../sum-by-index.ts';

/**
 * Gradient of `tf.topk`, missing in TensorFlow.js (tfjs issue 1601): each value's gradient goes to its source element.
 */
export const topKGradient: tf.GradConfig = {
  kernelName: 'TopK',
  inputsToSave: ['x'],
  outputsToSave: [false, true],
  gradFunc: (gradients, [x, indices]) => ({
    x: () => {
      const [byValues] = gradients as tf.Tensor[];
      const { shape, size } = x!;
      const length = shape.at(-1)!;
      const k = indices!.shape.at(-1)!;
      const firsts = tf.reshape(tf.range(0, size, length, 'int32'), [-1, 1]); // offset of each row
      const places = tf.add(firsts, tf.reshape(indices!, [-1, k]));
      return tf.reshape(sumByIndex(tf.reshape(byValues!, [-1]), tf.reshape(places, [-1]), size), shape);
    },
  }),
};
