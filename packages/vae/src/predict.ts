import { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Vae } from './model.ts';
import { decodeImages } from './sample.ts';

/**
 * Reconstructs images through their posterior means: [B, P] → [B, P] as `decodeImages` returns them. Pixels that see
 * their neighbors are sampled with a fixed seed.
 */
export async function reconstruct(model: Vae, images: tf.Tensor): Promise<Float32Array> {
  const latents = embed(model, images);
  const reconstructed = await decodeImages(model, latents, RandomStream.fromSeed(0).fork('reconstructions'));
  latents.dispose();
  return reconstructed;
}

/** Posterior means: [B, P] → [B, Z]. */
export function embed(model: Vae, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => model.encode(images).mean);
}
