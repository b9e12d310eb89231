import * as tf from '@tensorflow/tfjs-core';

/**
 * Segment sum: adds each row of `values` [n, ...] to the result row given by `indices`, int32 [n] → float32 [count,
 * ...].
 */
export function sumByIndex(values: tf.Tensor, indices: tf.Tensor, count: number): tf.Tensor {
  return tf.tidy(() =>
    // TensorFlow's kernel is parallel. The JavaScript kernel passes over all values once per segment.
    tf.getBackend() === 'tensorflow'
      ? tf.unsortedSegmentSum(values, indices as tf.Tensor1D, count)
      : tf.scatterND(tf.reshape(indices, [-1, 1]), values, [count, ...values.shape.slice(1)]),
  );
}
