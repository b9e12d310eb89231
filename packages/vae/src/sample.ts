import type { RandomNumbers } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { IMAGE_SIZE, NEIGHBOR_RADIUS, PIXELS, type MixturePrior, type NeighborDecoder, type Vae } from './model.ts';

/** Latents decoded per batch, which bounds the memory of feature maps. */
const BATCH_SIZE = 500;

/**
 * Decodes latents [N, Z] to images [N, P], row-major: pixel probabilities, or with the neighbor decoder binary pixels
 * sampled one after the other. The caller keeps the latents.
 * @param random samples the pixels
 */
export async function decodeImages(model: Vae, latents: tf.Tensor, random: RandomNumbers): Promise<Float32Array> {
  const count = latents.shape[0];
  const size = PIXELS * model.imageChannels;
  const images = new Float32Array(count * size);
  for (let first = 0; first < count; first += BATCH_SIZE) {
    const wanted = Math.min(BATCH_SIZE, count - first);
    const part = tf.slice(latents, [first, 0], [wanted, model.latentSize]);
    const { neighbors } = model;
    const values =
      neighbors === undefined
        ? await read(tf.tidy(() => tf.sigmoid(model.decode(part))))
        : await samplePixels(
            neighbors,
            tf.tidy(() => model.decoder.forward(part)),
            random,
          );
    images.set(values, first * size);
    part.dispose();
  }
  return images;
}

/**
 * Samples latents from the prior and decodes them with `decodeImages`.
 * @param deviation factor of the standard deviations. Below 1, latents are closer to the means of the prior or of its
 *   components: images are sharper and less diverse.
 */
export async function samplePrior(
  model: Vae,
  count: number,
  random: RandomNumbers,
  deviation = 1,
): Promise<Float32Array> {
  const latents = await drawLatents(model, count, random, deviation);
  const images = await decodeImages(model, latents, random);
  latents.dispose();
  return images;
}

/** Samples latents from the prior: [count, Z]. */
export async function drawLatents(
  { prior, latentSize }: Vae,
  count: number,
  random: RandomNumbers,
  deviation: number,
): Promise<tf.Tensor> {
  const values = random.normalValues(count * latentSize, 0, deviation);
  if (prior !== undefined) await scaleToComponents(values, prior, random);
  return tf.tensor(values, [count, latentSize]);
}

/** Turns noise [N, Z] into latents in place. Each factor's part of a row gets a component, sampled by its weight. */
async function scaleToComponents(noise: Float32Array, prior: MixturePrior, random: RandomNumbers): Promise<void> {
  const { components, factors } = prior;
  const size = prior.means.shape[1]!;
  const weights = await read(tf.tidy(() => tf.softmax(tf.reshape(prior.logits, [factors, components]))));
  const means = await prior.means.data<'float32'>();
  const deviations = await read(tf.tidy(() => tf.exp(tf.mul(prior.logVariances, 0.5))));
  for (const [part, chance] of random.uniformValues(noise.length / size).entries()) {
    const first = (part % factors) * components;
    let component = first;
    for (let rest = chance - weights[first]!; rest >= 0 && component < first + components - 1;)
      rest -= weights[++component]!;
    for (let latent = 0; latent < size; latent++) {
      const [to, from] = [part * size + latent, component * size + latent];
      noise[to] = means[from]! + deviations[from]! * noise[to]!;
    }
  }
}

/** Mean [Z] and standard deviation [Z] of each latent under the prior. */
export async function priorMoments({
  prior,
  latentSize,
}: Vae): Promise<Readonly<Record<'means' | 'deviations', Float32Array>>> {
  if (prior === undefined)
    return { means: new Float32Array(latentSize), deviations: new Float32Array(latentSize).fill(1) };
  const { means, deviations } = tf.tidy(() => {
    const perFactor = (values: tf.Tensor) => tf.reshape(values, [prior.factors, prior.components, -1]);
    const weights = perFactor(tf.softmax(tf.reshape(prior.logits, [prior.factors, prior.components]))); // [F, M, 1]
    const means = tf.sum(tf.mul(weights, perFactor(prior.means)), 1, true); // [F, 1, Z/F]
    const squares = tf.add(perFactor(tf.exp(prior.logVariances)), tf.square(tf.sub(perFactor(prior.means), means)));
    return { means, deviations: tf.sqrt(tf.sum(tf.mul(weights, squares), 1)) }; // Z values each
  });
  return { means: await read(means), deviations: await read(deviations) };
}

/** Samples pixels in reading order, each given those before it. Disposes of the features [N, 784 · C]. */
async function samplePixels(
  neighbors: NeighborDecoder,
  features: tf.Tensor,
  random: RandomNumbers,
): Promise<Float32Array> {
  const [count, window, side] = [features.shape[0], 2 * NEIGHBOR_RADIUS + 1, IMAGE_SIZE + 2 * NEIGHBOR_RADIUS];
  const canvas = new Float32Array(count * side * side); // images with a black margin
  const patches = new Float32Array(count * window * window);
  const images = new Float32Array(count * PIXELS);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const [row, column] = [Math.floor(pixel / IMAGE_SIZE), pixel % IMAGE_SIZE];
    for (let image = 0; image < count; image++)
      for (let y = 0; y <= NEIGHBOR_RADIUS; y++) {
        const from = image * side * side + (row + y) * side + column;
        patches.set(canvas.subarray(from, from + window), (image * window + y) * window);
      }
    const probabilities = await read(
      tf.tidy(() => {
        const here = tf.slice(features, [0, pixel * neighbors.channels], [count, neighbors.channels]);
        return tf.sigmoid(neighbors.pixel(here, tf.tensor(patches, [count, window, window])));
      }),
    );
    const chances = random.uniformValues(count);
    for (let image = 0; image < count; image++) {
      const value = chances[image]! < probabilities[image]! ? 1 : 0;
      images[image * PIXELS + pixel] = value;
      canvas[image * side * side + (row + NEIGHBOR_RADIUS) * side + column + NEIGHBOR_RADIUS] = value;
    }
  }
  features.dispose();
  return images;
}

/** Reads the values of a tensor and frees it. */
export async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}

/**
 * Grid of latents along two axes, evenly spaced in the probability of N(0, 1): quantiles at the midpoints of equal parts
 * of (0, 1). The second axis points upwards; other latents are 0. Source: Kingma & Welling, 2014, figure 4.
 * @returns [side², Z]
 */
export function manifoldLatents(latentSize: number, side: number, axes: readonly [number, number] = [0, 1]): tf.Tensor {
  const steps = Array.from({ length: side }, (_, index) => normalQuantile((index + 0.5) / side));
  const latents = new Float32Array(side * side * latentSize);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const offset = (row * side + column) * latentSize;
      latents[offset + axes[0]] = steps[column]!;
      latents[offset + axes[1]] = steps[side - 1 - row]!;
    }
  return tf.tensor(latents, [side * side, latentSize]);
}

/** Quantile Φ⁻¹(p) of N(0, 1) to seven digits, for 0 < p < 1 (Wichura, algorithm AS 241, PPND7, 1988). */
export function normalQuantile(probability: number): number {
  const q = probability - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * polynomial(r, [3.3871327179, 50.434271938, 159.29113202, 59.10937472])) /
      polynomial(r, [1, 17.895169469, 78.757757664, 67.1875636])
    );
  }
  const r = Math.sqrt(-Math.log(q < 0 ? probability : 1 - probability));
  const tail =
    r <= 5
      ? polynomial(r - 1.6, [1.4234372777, 2.75681539, 1.3067284816, 0.17023821103]) /
        polynomial(r - 1.6, [1, 0.7370016425, 0.12021132975])
      : polynomial(r - 5, [6.657905115, 3.081226386, 0.42868294337, 0.017337203997]) /
        polynomial(r - 5, [1, 0.24197894225, 0.012258202635]);
  return q < 0 ? -tail : tail;
}

/** Evaluates c₀ + c₁ x + c₂ x² + … */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}
