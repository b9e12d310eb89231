import * as tf from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernels.ts';
import { activate } from './activations.ts';

interface PaddedAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

interface ConvolutionAttributes extends PaddedAttributes {
  readonly dilations: number | [number, number];
}

interface PoolAttributes extends PaddedAttributes {
  readonly filterSize: number | [number, number];
}

/**
 * Convolution with the zeros on each side written out. The stock kernels give zeros or other windows' results for some
 * paddings that are named `same` or whose windows are rounded up.
 */
export function withExplicitPadding(isDepthwise: boolean): (stock: tf.KernelFunc) => tf.KernelFunc {
  return (stock) => (call) => {
    const { x, filter } = call.inputs as { x: tf.Tensor4D; filter: tf.Tensor4D };
    const { strides, dilations, pad, dimRoundingMode } = call.attrs as unknown as ConvolutionAttributes;
    const info = tf.backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      isDepthwise,
    );
    const { outShape, strideHeight, strideWidth } = info;
    const isProduct = filter.shape[0] * filter.shape[1] * strideHeight * strideWidth === 1;
    const isByChannel = isDepthwise || filter.size === 1;
    if (isByChannel && isProduct && tf.util.arraysEqual(outShape, x.shape)) return multiply(call);
    return stock({ ...call, attrs: { ...call.attrs, ...explicitPadding(info) } });
  };
}

/** Convolution by one number a channel. The stock kernel turns NaN into -∞. */
function multiply({ inputs, attrs }: KernelCall): tf.TensorInfo {
  const { x, filter, bias, preluActivationWeights } = inputs as Record<string, tf.Tensor>;
  return tf.tidy(() => {
    const product = tf.mul(x!, tf.reshape(filter!, [-1]));
    const sum = bias === undefined ? product : tf.add(product, bias);
    return activate(sum, { activation: 'linear', ...attrs }, preluActivationWeights);
  });
}

/** Pooling with the padding on each side written out. The stock kernels write beyond their results otherwise. */
export function poolWithExplicitPadding(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { filterSize, strides, pad, dimRoundingMode } = call.attrs as unknown as PoolAttributes;
    const info = tf.backend_util.computePool2DInfo(
      (call.inputs.x as tf.Tensor4D).shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    return stock({ ...call, attrs: { ...call.attrs, ...explicitPadding(info) } });
  };
}

/** Padding that gives as many windows when their number is rounded down. */
export function explicitPadding(info: tf.backend_util.Conv2DInfo) {
  const { padInfo, outHeight, outWidth, strideHeight, strideWidth } = info;
  const { top, left } = padInfo;
  const below = (outHeight - 1) * strideHeight + info.effectiveFilterHeight - info.inHeight - top;
  const right = (outWidth - 1) * strideWidth + info.effectiveFilterWidth - info.inWidth - left;
  const pad: [number, number][] = [
    [0, 0],
    [top, Math.max(0, below)],
    [left, Math.max(0, right)],
    [0, 0],
  ];
  return { pad, dimRoundingMode: 'floor' };
}
