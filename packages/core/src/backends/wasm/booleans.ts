import * as tf from '@tensorflow/tfjs-core';

/** Kernels that move numbers of four bytes move bools as int32. */
export function throughIntegers(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const x = call.inputs.x as tf.Tensor;
    if (x.size === 0) return tf.clone(x);
    if (x.dtype !== 'bool') return stock(call);
    return tf.tidy(() => {
      const moved = stock({ ...call, inputs: { ...call.inputs, x: tf.cast(x, 'int32') } }) as tf.TensorInfo;
      return tf.cast(tf.engine().makeTensorFromTensorInfo({ ...moved, dtype: 'int32' }), 'bool');
    });
  };
}
