import * as tf from '@tensorflow/tfjs-core';

/** Result of `compute`, a constant to what follows: no gradient flows through it. */
export function withoutGradient(compute: () => tf.Tensor): tf.Tensor {
  const constant = tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }));
  return constant();
}
