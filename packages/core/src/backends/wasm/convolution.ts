import * as tf from '@tensorflow/tfjs-core';
import { explicitPadding } from './explicit-padding.ts';

interface FilterGradientAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

/**
 * ∂/∂filter as a convolution. The channels of the images take the place of the batch, the batch that of the channels.
 * The gradient of the output is the filter, dilated by the strides. [B, H, W, I], [B, H', W', O] → [h, w, I, O].
 */
export function conv2dFilterGradient(
  { x: images, dy: gradient }: { x: tf.Tensor4D; dy: tf.Tensor4D },
  attributes: FilterGradientAttributes,
): tf.Tensor {
  const { strides, pad, dimRoundingMode, filterShape } = attributes;
  if (images.size === 0) return tf.zeros(filterShape);
  const info = tf.backend_util.computeConv2DInfo(images.shape, filterShape, strides, 1, pad, dimRoundingMode);
  return tf.tidy(() => {
    const { strideHeight, strideWidth } = info;
    const padded = tf.pad(images, explicitPadding(info).pad);
    const [batch, , , channels] = images.shape;
    const [, outputHeight, outputWidth] = gradient.shape;
    // Rows and columns that no output reached do not affect the gradient.
    const height = (outputHeight - 1) * strideHeight + filterShape[0];
    const width = (outputWidth - 1) * strideWidth + filterShape[1];
    const reached = tf.slice(padded, [0, 0, 0, 0], [batch, height, width, channels]);
    const swapped: tf.Tensor4D = tf.transpose(reached, [3, 1, 2, 0]); // [I, H, W, B]
    const filter: tf.Tensor4D = tf.transpose(gradient, [1, 2, 0, 3]); // [H', W', B, O]
    const result = tf.conv2d(swapped, filter, 1, 'valid', 'NHWC', [strideHeight, strideWidth]); // [I, h, w, O]
    return tf.transpose(result, [1, 2, 0, 3]);
  });
}
