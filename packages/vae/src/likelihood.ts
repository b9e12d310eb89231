import type { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Digits } from './data.ts';
import { logImportanceWeights } from './loss.ts';
import type { Vae } from './model.ts';

/** Latents decoded per batch. Larger batches leave the processor's cache, smaller ones waste time per call. */
const DECODER_BATCH_SIZE = 1000;

/**
 * Estimates -log p(x) of each binary image in nats by importance sampling from the posterior:
 * -log (1/S Σ_s p(x, z_s) / q(z_s|x)) (Rezende, Mohamed & Wierstra, "Stochastic backpropagation", 2014, appendix E). The
 * estimate is biased upwards, less so with more samples.
 * @returns [N] in double precision
 * @throws Error for a plain autoencoder
 */
export async function negativeLogLikelihoods(
  model: Vae,
  digits: Digits,
  samples: number,
  random: RandomStream,
): Promise<Float64Array> {
  const size = digits.images.length / digits.count;
  const nats = new Float64Array(digits.count);
  const imagesAtOnce = Math.max(1, Math.floor(DECODER_BATCH_SIZE / samples));
  const samplesAtOnce = Math.min(samples, DECODER_BATCH_SIZE);
  for (let first = 0; first < digits.count; first += imagesAtOnce) {
    const count = Math.min(imagesAtOnce, digits.count - first);
    const pixels = Float32Array.from(digits.images.subarray(first * size, (first + count) * size), (x) => x / 255);
    const images = tf.tensor(pixels, [count, size]);
    const weights: Float32Array[] = [];
    for (let done = 0; done < samples; done += samplesAtOnce) {
      const wanted = Math.min(samplesAtOnce, samples - done);
      const chunk = tf.tidy(() => logWeights(model, images, random, wanted));
      weights.push(await chunk.data<'float32'>());
      chunk.dispose();
    }
    images.dispose();
    for (let image = 0; image < count; image++) nats[first + image] = -logMeanExpOf(weights, image, count);
  }
  return nats;
}

function logWeights(model: Vae, images: tf.Tensor, random: RandomStream, samples: number): tf.Tensor {
  const { mean, logVariance, ...output } = model.forward(images, random, samples);
  if (logVariance === undefined) throw new Error('likelihood: expected a normal posterior, got a point');
  return logImportanceWeights({ ...output, mean, logVariance }, images);
}

/** Log-mean-exp of every `stride`-th value from `offset` on. */
function logMeanExpOf(chunks: readonly Float32Array[], offset: number, stride: number): number {
  const values = chunks.flatMap((chunk) => Array.from(chunk).filter((_, index) => index % stride === offset));
  const greatest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = values.reduce((total, value) => total + Math.exp(value - greatest), 0);
  return greatest + Math.log(sum / values.length);
}
