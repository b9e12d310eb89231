import * as tf from '@tensorflow/tfjs-core';

/** Quotients of floats rounded down are floats. Kernels of plain JavaScript and WebGPU give int32. */
export function floorDivide(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { a, b } = call.inputs as Record<'a' | 'b', tf.Tensor>;
    return a.dtype === 'int32' ? stock(call) : tf.tidy(() => tf.floor(tf.div(a, b)));
  };
}
