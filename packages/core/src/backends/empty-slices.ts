import * as tf from '@tensorflow/tfjs-core';

interface SliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** A strided slice that may be empty, which TensorFlow.js's kernels take for one with numbers. */
export function emptySlices(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const x = call.inputs.x as tf.Tensor;
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
      call.attrs as unknown as SliceAttributes;
    const { finalShape } = tf.slice_util.sliceInfo(
      x.shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    return finalShape.includes(0) ? tf.tensor([], finalShape, x.dtype) : stock(call);
  };
}
