import * as tf from '@tensorflow/tfjs-core';

interface CumulativeAttributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/**
 * Gradient of `tf.cumsum`: the cumulative sum in the other direction. The TensorFlow.js gradient comes out transposed
 * where the axis is not the last.
 */
const cumsumGradient: tf.GradConfig = {
  kernelName: 'Cumsum',
  gradFunc: (gradient, _, attributes) => {
    const { axis, exclusive, reverse } = attributes as unknown as CumulativeAttributes;
    return { x: () => tf.cumsum(gradient as tf.Tensor, axis, exclusive, !reverse) };
  },
};

/** Gradient of `tf.cumprod`, missing in TensorFlow.js. Like TensorFlow's, it is valid only for nonzero inputs. */
const cumprodGradient: tf.GradConfig = {
  kernelName: 'Cumprod',
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (gradient, [x, product], attributes) => {
    const { axis, exclusive, reverse } = attributes as unknown as CumulativeAttributes;
    const weighted = () => tf.mul(gradient as tf.Tensor, product!);
    return { x: () => tf.div(tf.cumsum(weighted(), axis, exclusive, !reverse), x!) };
  },
};

export const cumulativeGradients: readonly tf.GradConfig[] = [cumsumGradient, cumprodGradient];
