import * as tf from '@tensorflow/tfjs-core';

/** GELU by its tanh approximation: 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks & Gimpel, 2016). */
export function gelu(input: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const cubic = tf.mul(tf.mul(tf.square(input), input), 0.044715);
    const inner = tf.tanh(tf.mul(tf.add(input, cubic), Math.sqrt(2 / Math.PI)));
    return tf.mul(tf.mul(input, 0.5), tf.add(inner, 1));
  });
}

/** SiLU, or swish: x σ(x) (Elfwing et al., 2018). */
export function silu(input: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(input, tf.sigmoid(input)));
}
