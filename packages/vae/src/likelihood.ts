import type { RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Digits } from './data.ts';
import { logImportanceWeights } from './loss.ts';
import type { Vae } from './model.ts';

/** Decoded at once: few enough to stay in a processor's cache, enough to keep it busy. */
const DECODED_AT_ONCE = 1000;

/**
 * -log p(x) of each binary image in nats, by importance sampling from the posterior (Rezende, Mohamed & Wierstra,
 * "Stochastic backpropagation", 2014, appendix E): -log (1/S Σ_s p(x, z_s) / q(z_s|x)), which is too high on average,
 * by less the more samples there are. Sums are taken of differences to the greatest weight, in double precision.
 */
export async function negativeLogLikelihoods(
  model: Vae,
  digits: Digits,
  samples: number,
  random: RandomStream,
): Promise<Float64Array> {
  const size = digits.images.length / digits.count;
  const nats = new Float64Array(digits.count);
  const imagesAtOnce = Math.max(1, Math.floor(DECODED_AT_ONCE / samples));
  const samplesAtOnce = Math.min(samples, DECODED_AT_ONCE);
  for (let first = 0; first < digits.count; first += imagesAtOnce) {
    const count = Math.min(imagesAtOnce, digits.count - first);
    const pixels = Float32Array.from(digits.images.subarray(first * size, (first + count) * size), (x) => x / 255);
    const images = tf.tensor(pixels, [count, size]);
    const weights: Float32Array[] = [];
    for (let done = 0; done < samples; done += samplesAtOnce) {
      const wanted = Math.min(samplesAtOnce, samples - done);
      const chunk = tf.tidy(() => weightsOf(model, images, random, wanted));
      weights.push(await chunk.data<'float32'>());
      chunk.dispose();
    }
    images.dispose();
    for (let image = 0; image < count; image++) nats[first + image] = -logMean(weights, image, count);
  }
  return nats;
}

function weightsOf(model: Vae, images: tf.Tensor, random: RandomStream, samples: number): tf.Tensor {
  const { mean, logVariance, ...output } = model.forward(images, random, samples);
  if (logVariance === undefined) throw new Error('likelihood: expected a posterior with a variance, got a point');
  return logImportanceWeights({ ...output, mean, logVariance }, images);
}

/** Of every `stride`-th value from `offset` on. */
function logMean(chunks: readonly Float32Array[], offset: number, stride: number): number {
  const values = chunks.flatMap((chunk) => Array.from(chunk).filter((_, index) => index % stride === offset));
  const greatest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = values.reduce((total, value) => total + Math.exp(value - greatest), 0);
  return greatest + Math.log(sum / values.length);
}
