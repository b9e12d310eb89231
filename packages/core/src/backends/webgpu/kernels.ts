import * as tf from '@tensorflow/tfjs-core';
import { replaceKernel } from '../kernels.ts';

/**
 * Replaces padding on WebGPU, whose shader for tensors of five or six axes does not compile, and convolutions of no
 * examples, whose filter does not fit the images that the stock kernel makes of them.
 */
export function completeWebGpu(): void {
  replaceKernel('webgpu', 'Conv2D', convolveNothing);
  replaceKernel('webgpu', 'PadV2', padByAxis);
}

function convolveNothing(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { x, filter } = call.inputs as Record<'x' | 'filter', tf.Tensor4D>;
    if (x.shape[0] !== 0) return stock(call);
    const { strides, pad, dataFormat, dilations, dimRoundingMode } = call.attrs as unknown as tf.Conv2DAttrs;
    const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
    return tf.zeros(
      tf.backend_util.computeConv2DInfo(x.shape, filter.shape, strides, dilations, pad, dimRoundingMode, false, format)
        .outShape,
    );
  };
}

interface PadAttributes {
  readonly paddings: readonly [before: number, after: number][];
  readonly constantValue: number;
}

/** Pads tensors of more than four axes one axis at a time, with the axes before and after it flattened. */
function padByAxis(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const x = call.inputs.x as tf.Tensor;
    const { paddings, constantValue } = call.attrs as unknown as PadAttributes;
    if (x.rank <= 4) return stock(call);
    const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
    return tf.tidy(() => {
      let padded = x;
      paddings.forEach(([before, after], axis) => {
        if (before + after === 0) return;
        const { shape } = padded;
        const [first, last] = [shape.slice(0, axis), shape.slice(axis + 1)];
        const flat = tf.reshape(padded, [count(first), shape[axis]!, count(last)]);
        const around: [number, number][] = [
          [0, 0],
          [before, after],
          [0, 0],
        ];
        padded = tf.reshape(tf.pad(flat, around, constantValue), [...first, shape[axis]! + before + after, ...last]);
      });
      return tf.clone(padded);
    });
  };
}
