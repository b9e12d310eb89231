import * as tf from '@tensorflow/tfjs-core';
import { customOperation } from '../tensors/custom-operation.ts';

/**
 * GELU: x Φ(x), with Φ the standard normal cumulative distribution function (Hendrycks & Gimpel, 2016). Any shape,
 * float32.
 */
export function gelu(input: tf.Tensor): tf.Tensor {
  return customOperation(
    [input],
    (save) => {
      save([input]); // Φ is recomputed in the backward pass
      return tf.mul(input, normalCumulative(input));
    },
    (gradient, [x]) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [tf.mul(gradient, tf.add(normalCumulative(x!), tf.mul(x!, density)))]; // Φ + x φ
    },
  );
}

/** Φ(x), the cumulative distribution function of the standard normal. */
function normalCumulative(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}

const TANH_SCALE = Math.sqrt(2 / Math.PI);
const TANH_CUBIC = 0.044715 * TANH_SCALE;

/**
 * Tanh approximation of GELU: 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks & Gimpel, 2016). Any shape,
 * float32.
 */
export function geluTanh(input: tf.Tensor): tf.Tensor {
  return customOperation(
    [input],
    (save) => {
      const inner = tf.mul(input, tf.add(tf.mul(tf.square(input), TANH_CUBIC), TANH_SCALE));
      const tanh = tf.tanh(inner);
      save([input, tanh]);
      return tf.mul(tf.mul(input, 0.5), tf.add(tanh, 1));
    },
    (gradient, [x, tanh]) => {
      const innerSlope = tf.add(tf.mul(tf.square(x!), 3 * TANH_CUBIC), TANH_SCALE);
      const bend = tf.mul(tf.mul(x!, innerSlope), tf.sub(1, tf.square(tanh!)));
      return [tf.mul(tf.mul(gradient, 0.5), tf.add(tf.add(tanh!, 1), bend))];
    },
  );
}

/** SiLU (swish): x σ(x) (Elfwing et al., 2018). Any shape, float32. */
export function silu(input: tf.Tensor): tf.Tensor {
  return customOperation(
    [input],
    (save) => {
      const gate = tf.sigmoid(input);
      save([input, gate]);
      return tf.mul(input, gate);
    },
    (gradient, [x, gate]) => [tf.mul(tf.mul(gradient, gate!), tf.add(tf.mul(x!, tf.sub(1, gate!)), 1))],
  );
}
