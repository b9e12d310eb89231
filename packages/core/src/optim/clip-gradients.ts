import * as tf from '@tensorflow/tfjs-core';
import type { StateDict } from '../nn/state-dict.ts';

/**
 * Clips gradients by their global norm: scales all of them by min(1, maxNorm / (norm + 1e-6)), where norm is their
 * joint Euclidean norm (Pascanu et al., 2013). Matches `torch.nn.utils.clip_grad_norm_`. Takes ownership of the
 * gradients; the caller owns the result.
 */
export function clipByGlobalNorm(
  gradients: StateDict,
  maxNorm: number,
): { readonly gradients: Record<string, tf.Tensor>; readonly norm: tf.Tensor } {
  const result = tf.tidy(() => {
    const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
    const norm: tf.Tensor = tf.sqrt(tf.addN(squares));
    const scale = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    return { gradients: mapped(gradients, (gradient) => tf.mul(gradient, scale)), norm };
  });
  tf.dispose(gradients);
  return result;
}

/**
 * Clips every gradient value to [-maxValue, maxValue]. Matches `torch.nn.utils.clip_grad_value_`. Takes ownership of
 * the gradients; the caller owns the result.
 */
export function clipByValue(gradients: StateDict, maxValue: number): Record<string, tf.Tensor> {
  const clipped = mapped(gradients, (gradient) => tf.clipByValue(gradient, -maxValue, maxValue));
  tf.dispose(gradients);
  return clipped;
}

function mapped(gradients: StateDict, change: (gradient: tf.Tensor) => tf.Tensor): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, change(gradient)]));
}
