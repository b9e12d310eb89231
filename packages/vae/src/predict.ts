import * as tf from '@tensorflow/tfjs-core';
import type { Vae } from './model.ts';

/** Images as the decoder sees them through their posterior means: [B, 784] → probabilities [B, 784]. */
export function reconstruct(model: Vae, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sigmoid(model.decode(model.encode(images).mean)));
}

/** Posterior means: [B, 784] → [B, Z]. */
export function embed(model: Vae, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => model.encode(images).mean);
}
