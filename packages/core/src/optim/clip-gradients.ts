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
    const clipped = Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, scale)] as const);
    return { gradients: Object.fromEntries(clipped), norm };
  });
  tf.dispose(gradients);
  return result;
}
