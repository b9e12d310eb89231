import '#gradients';
import * as tf from '@tensorflow/tfjs-core';

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const stock = tf.getGradient('AvgPool');

/**
 * Gradient of `tf.avgPool`. Each mean covers only pixels inside the image, but the gradient kernels of TensorFlow.js
 * divide by the full window size (native TensorFlow's do not). This gradient corrects the factor at the borders.
 */
export const averagePoolingGradient: tf.GradConfig = {
  ...stock,
  gradFunc: (gradient, saved, attributes) => {
    const { filterSize, strides, pad, dimRoundingMode } = attributes as unknown as PoolAttributes;
    const info = tf.backend_util.computePool2DInfo(
      saved[0]!.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const { top, bottom, left, right } = info.padInfo;
    if (tf.getBackend() === 'tensorflow' || top + bottom + left + right === 0)
      return stock.gradFunc(gradient, saved, attributes);
    const rows = shares(info.outHeight, info.strideHeight, info.filterHeight, top, info.inHeight);
    const columns = shares(info.outWidth, info.strideWidth, info.filterWidth, left, info.inWidth);
    const whole = tf.mul(
      tf.mul(gradient as tf.Tensor, tf.tensor(rows, [info.outHeight, 1, 1])),
      tf.tensor(columns, [info.outWidth, 1]),
    );
    return stock.gradFunc(whole, saved, attributes);
  },
};

/** Per window: its length, divided by the length of its part inside the image. */
function shares(outputs: number, stride: number, window: number, before: number, size: number): number[] {
  return Array.from({ length: outputs }, (_, index) => {
    const start = index * stride - before;
    return window / (Math.min(start + window, size) - Math.max(start, 0));
  });
}
