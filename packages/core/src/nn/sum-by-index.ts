import * as tf from '@tensorflow/tfjs-core';

/** Rows summed where `indices` say: values [n, ...], indices int32 [n] → [count, ...], float32. */
export function sumByIndex(values: tf.Tensor, indices: tf.Tensor, count: number): tf.Tensor {
  return tf.tidy(() =>
    // TensorFlow's runs on every core; plain JavaScript's goes over all values once for each of `count`.
    tf.getBackend() === 'tensorflow'
      ? tf.unsortedSegmentSum(values, indices as tf.Tensor1D, count)
      : tf.scatterND(tf.reshape(indices, [-1, 1]), values, [count, ...values.shape.slice(1)]),
  );
}
