import * as tf from '@tensorflow/tfjs-core';
import { explicitPadding } from './explicit-padding.ts';

interface DepthwiseAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4D = [number, number, number, number];

/** Padding and strides of a depthwise convolution of an image [B, H, W, C] with a filter [h, w, C, M]. */
function geometryOf(images: Shape4D, filter: Shape4D, { strides, pad, dimRoundingMode }: DepthwiseAttributes) {
  const info = tf.backend_util.computeConv2DInfo(images, filter, strides, 1, pad, dimRoundingMode, true);
  const { strideHeight, strideWidth, outHeight, outWidth } = info;
  // Rows and columns that no output reached do not affect the gradients.
  const height = (outHeight - 1) * strideHeight + filter[0];
  const width = (outWidth - 1) * strideWidth + filter[1];
  return {
    padInfo: info.padInfo,
    padding: explicitPadding(info).pad,
    strideHeight,
    strideWidth,
    outHeight,
    outWidth,
    height,
    width,
  };
}

/**
 * ∂/∂images of a depthwise convolution, as a depthwise convolution of the gradient, dilated by the strides, with the
 * rotated filter: dy [B, H', W', C M], filter [h, w, C, M] → [B, H, W, C].
 */
export function depthwiseInputGradient(
  { dy, filter }: { dy: tf.Tensor4D; filter: tf.Tensor4D },
  attributes: DepthwiseAttributes & { readonly inputShape: Shape4D },
): tf.Tensor {
  const { inputShape } = attributes;
  const [batch, height, width, channels] = inputShape;
  const [rows, columns, , multiplier] = filter.shape;
  const reached = geometryOf(inputShape, filter.shape, attributes);
  return tf.tidy(() => {
    const apart = spreadImages(dy, reached.strideHeight, reached.strideWidth);
    const padded = tf.pad(apart, [
      [0, 0],
      [rows - 1, rows - 1],
      [columns - 1, columns - 1],
      [0, 0],
    ]);
    const turned = tf.reshape(tf.reverse(filter, [0, 1]), [rows, columns, channels * multiplier, 1]);
    const each = tf.depthwiseConv2d(padded, turned as tf.Tensor4D, 1, 'valid'); // [B, reached, C M]
    const whole: tf.Tensor4D =
      multiplier === 1
        ? each
        : tf.sum(tf.reshape(each, [batch, reached.height, reached.width, channels, multiplier]), 4);
    const { top, left } = reached.padInfo;
    const [below, right] = [Math.max(0, top + height - reached.height), Math.max(0, left + width - reached.width)];
    return tf.slice(
      tf.pad(whole, [
        [0, 0],
        [0, below],
        [0, right],
        [0, 0],
      ]),
      [0, top, left, 0],
      inputShape,
    );
  });
}

/**
 * ∂/∂filter as a depthwise convolution. Every channel of every image is a channel; the gradient, dilated by the
 * strides, is the filter: x [B, H, W, C], dy [B, H', W', C M] → [h, w, C, M].
 */
export function depthwiseFilterGradient(
  { x, dy }: { x: tf.Tensor4D; dy: tf.Tensor4D },
  attributes: DepthwiseAttributes & { readonly filterShape: Shape4D },
): tf.Tensor {
  const { filterShape } = attributes;
  const [batch, , , channels] = x.shape;
  const [rows, columns, , multiplier] = filterShape;
  if (x.size === 0) return tf.zeros(filterShape);
  const { padding, ...reached } = geometryOf(x.shape, filterShape, attributes);
  return tf.tidy(() => {
    const padded = tf.pad(x, padding);
    const used = tf.slice(padded, [0, 0, 0, 0], [batch, reached.height, reached.width, channels]);
    const images = tf.reshape(tf.transpose(used, [1, 2, 0, 3]), [1, reached.height, reached.width, batch * channels]);
    const filter = tf.reshape(tf.transpose(dy, [1, 2, 0, 3]), [
      reached.outHeight,
      reached.outWidth,
      batch * channels,
      multiplier,
    ]);
    const dilations: [number, number] = [reached.strideHeight, reached.strideWidth];
    const each = tf.depthwiseConv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 1, 'valid', 'NHWC', dilations);
    return tf.sum(tf.reshape(each, [rows, columns, batch, channels, multiplier]), 2);
  });
}

/** Inserts zeros between the pixels: [B, H, W, C] → [B, (H - 1) strideHeight + 1, (W - 1) strideWidth + 1, C]. */
function spreadImages(images: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) return images;
  const [batch, height, width, channels] = images.shape;
  const apart = tf.reshape(images, [batch, height, 1, width, channels]);
  // Five axes at most: the zeros of the columns are padded onto the channels.
  const wide = tf.reshape(
    tf.pad(apart, [
      [0, 0],
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
      [0, (strideWidth - 1) * channels],
    ]),
    [batch, height * strideHeight, width * strideWidth, channels],
  );
  return tf.slice(
    wide as tf.Tensor4D,
    [0, 0, 0, 0],
    [batch, (height - 1) * strideHeight + 1, (width - 1) * strideWidth + 1, channels],
  );
}
