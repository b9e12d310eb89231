import * as tf from '@tensorflow/tfjs-core';
import { asTensor, type KernelCall } from './kernels.ts';

interface VolumeAttributes {
  readonly strides: number | readonly number[];
  readonly pad: 'same' | 'valid' | number;
  readonly filterSize?: number | readonly number[];
  readonly filterShape?: readonly number[];
  readonly inputShape?: readonly number[];
}

/**
 * The part of a volume that `same` windows shorter than their strides reach, [B, D, H, W, C]. TensorFlow.js pads by a
 * negative number there, and its windows begin too late.
 */
function reachedOf(
  shape: readonly number[],
  windows: readonly number[],
  strides: number | readonly number[],
): number[] {
  return shape.map((length, axis) => {
    if (axis === 0 || axis === shape.length - 1) return length;
    const stride = typeof strides === 'number' ? strides : strides[axis - 1]!;
    return Math.min(length, (Math.ceil(length / stride) - 1) * stride + windows[axis - 1]!);
  });
}

/**
 * Kernels over three axes, on the part of the volume that their windows reach.
 * @param name name of the input that is the volume. Without it, its shape is the attribute `inputShape`.
 * @param isGradient whether the result has the shape of the volume
 */
function onReached(name: string | undefined, isGradient: boolean): (stock: tf.KernelFunc) => tf.KernelFunc {
  return (stock) => (call: KernelCall) => {
    const { pad, strides, filterSize, filterShape, inputShape } = call.attrs as unknown as VolumeAttributes;
    const volume = name === undefined ? undefined : (call.inputs[name] as tf.Tensor);
    const shape = volume?.shape ?? inputShape!;
    const filter = filterSize ?? filterShape ?? call.inputs.filter!.shape;
    const windows = typeof filter === 'number' ? [filter, filter, filter] : filter;
    const reached = reachedOf(shape, windows, strides);
    if (pad !== 'same' || reached.every((length, axis) => length === shape[axis])) return stock(call);
    return tf.tidy(() => {
      const part =
        volume === undefined
          ? {}
          : {
              [name!]: tf.slice(
                volume,
                shape.map(() => 0),
                reached,
              ),
            };
      const attrs: tf.NamedAttrMap = {
        ...call.attrs,
        ...(inputShape === undefined ? undefined : { inputShape: reached }),
      };
      const result = stock({ ...call, inputs: { ...call.inputs, ...part }, attrs });
      const tensor = asTensor(result);
      if (!isGradient) return tensor;
      return tf.pad(
        tensor,
        shape.map((length, axis): [number, number] => [0, length - reached[axis]!]),
      );
    });
  };
}

/** The kernels that take their windows from the wrong places. */
export const volumes: Readonly<Record<string, (stock: tf.KernelFunc) => tf.KernelFunc>> = {
  AvgPool3D: onReached('x', false),
  AvgPool3DGrad: onReached('input', true),
  Conv3D: onReached('x', false),
  Conv3DBackpropFilterV2: onReached('x', false),
  Conv3DBackpropInputV2: onReached(undefined, true),
  MaxPool3D: onReached('x', false),
  MaxPool3DGrad: onReached('input', true),
};
