import * as tf from '@tensorflow/tfjs-core';
import type { StateDict } from '../nn/state-dict.ts';

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)), norm being the Euclidean norm of them all together, as
 * `torch.nn.utils.clip_grad_norm_` does (Pascanu et al., 2013). Takes over the gradients; the caller owns the result.
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
 * Brings every value of every gradient to [-maxValue, maxValue], as `torch.nn.utils.clip_grad_value_` does. Takes over
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
