import type { RandomStream } from '@motley/core';
import { meanAndDeviation } from '@motley/run';
import { type Figure, imageGrid } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { take, type Digits } from './data.ts';
import { IMAGE_SIZE, PIXELS, type Vae } from './model.ts';
import { embed, reconstruct } from './predict.ts';
import { decodeImages, manifoldLatents, normalQuantile, priorMoments, read, samplePrior } from './sample.ts';

const MANIFOLD_SIDE = 20;
/** Images per row of an interpolation or a traversal. */
const STEPS = 11;
/** Most latents in the traversals figure. */
const MAX_TRAVERSED = 20;
const COLUMNS = 10;

/** Two test images of each digit, each above its reconstruction through the posterior mean. */
export async function reconstructions(model: Vae, test: Digits): Promise<Figure> {
  const positions = [0, 1].flatMap((nth) =>
    Array.from({ length: COLUMNS }, (_, digit) => nthOf(test.labels, digit, nth)),
  );
  const originals = take(test, positions);
  const reconstructed = await withImages(originals, (images) => reconstruct(model, images));
  const rowSize = COLUMNS * PIXELS * model.imageChannels;
  const images = new Float32Array(4 * rowSize);
  for (const row of [0, 1]) {
    const pixels = originals.images.subarray(row * rowSize, (row + 1) * rowSize);
    images.set(
      Float32Array.from(pixels, (value) => value / 255),
      2 * row * rowSize,
    );
    images.set(reconstructed.subarray(row * rowSize, (row + 1) * rowSize), (2 * row + 1) * rowSize);
  }
  return grid(model, images, {
    columns: COLUMNS,
    scale: 2,
    title: 'Test images and their reconstructions',
    rowLabels: ['original', 'reconstructed', 'original', 'reconstructed'],
  });
}

/** Grid of images sampled from the prior. */
export async function samplesFigure(model: Vae, count: number, random: RandomStream, deviation = 1): Promise<Figure> {
  const images = await samplePrior(model, count, random, deviation);
  const kind = model.neighbors === undefined ? 'pixel probabilities' : 'pixels sampled one by one';
  return grid(model, images, { scale: 2, title: `Samples from the prior (${kind})` });
}

/** Decoded lines between the posterior means of two test images, from each digit to the next. */
export async function interpolations(model: Vae, test: Digits, random: RandomStream): Promise<Figure> {
  const pairs = Array.from({ length: COLUMNS }, (_, digit) => {
    const end = nthOf(test.labels, (digit + 1) % COLUMNS, 1);
    return take(test, [nthOf(test.labels, digit, 0), end]);
  });
  const latents = tf.tidy(() =>
    tf.concat(
      pairs.map((pair) => {
        const [from, to] = tf.split(embed(model, imagesOf(pair)), 2);
        const fractions = tf.reshape(tf.linspace(0, 1, STEPS), [STEPS, 1]);
        return tf.add(from!, tf.mul(fractions, tf.sub(to!, from!)));
      }),
    ),
  );
  const images = await decodeImages(model, latents, random);
  latents.dispose();
  return grid(model, images, { columns: STEPS, scale: 2, title: 'Interpolations between two test images' });
}

/** Varies one latent of a test image at a time from one end of the prior to the other, the most variable latents first. */
export async function traversals(
  model: Vae,
  test: Digits,
  means: ArrayLike<number>,
  random: RandomStream,
): Promise<Figure> {
  const prior = await priorMoments(model);
  const axes = latentsByVariance(means, model.latentSize).slice(0, MAX_TRAVERSED);
  const others = await withImages(take(test, [0]), (image) => read(embed(model, image)));
  const rows = axes.flatMap((axis) =>
    Array.from({ length: STEPS }, (_, step) => {
      const end = normalQuantile((step + 0.5) / STEPS);
      return others.with(axis, prior.means[axis]! + prior.deviations[axis]! * end);
    }),
  );
  const latents = tf.tidy(() => tf.stack(rows.map((row) => tf.tensor1d(row))));
  const images = await decodeImages(model, latents, random);
  latents.dispose();
  return grid(model, images, {
    columns: STEPS,
    scale: 2,
    title: "Traversals of a test image's latents",
    rowLabels: axes.map((axis) => `latent ${axis + 1}`),
  });
}

/** Decoded grid over the two latents whose posterior means [N, Z] vary most. */
export async function manifold(model: Vae, means: ArrayLike<number>, random: RandomStream): Promise<Figure> {
  const [first = 0, second = 0] = latentsByVariance(means, model.latentSize)
    .slice(0, 2)
    .sort((a, b) => a - b);
  const prior = await priorMoments(model);
  const latents = tf.tidy(() =>
    tf.add(tf.mul(manifoldLatents(model.latentSize, MANIFOLD_SIDE, [first, second]), prior.deviations), prior.means),
  );
  const images = await decodeImages(model, latents, random);
  latents.dispose();
  const rest = model.latentSize > 2 ? `, others ${model.prior === undefined ? '0' : 'at their mean'}` : '';
  return grid(model, images, {
    columns: MANIFOLD_SIDE,
    scale: 1,
    gap: 0,
    title: `Latents ${first + 1} (→) and ${second + 1} (↑)${rest}`,
  });
}

/** Images as a tensor [N, P] in [0, 1]. */
export function imagesOf({ images, count }: Digits): tf.Tensor {
  return tf.tidy(() => tf.div(tf.tensor(Float32Array.from(images), [count, images.length / count]), 255));
}

/** Calls `compute` with the images as a tensor, and frees the tensor. */
export async function withImages<T>(digits: Digits, compute: (images: tf.Tensor) => Promise<T>): Promise<T> {
  const images = imagesOf(digits);
  try {
    return await compute(images);
  } finally {
    images.dispose();
  }
}

function grid(
  { imageChannels }: Vae,
  images: Float32Array,
  options: Omit<Parameters<typeof imageGrid>[0], 'images' | 'shape'>,
): Promise<Figure> {
  const channels = imageChannels === 3 ? 3 : 1;
  const count = images.length / (PIXELS * channels);
  return imageGrid({ ...options, images, shape: [count, IMAGE_SIZE, IMAGE_SIZE, channels] });
}

/** Indices of the latents, sorted by the variance of their posterior means, largest first. */
function latentsByVariance(means: ArrayLike<number>, latentSize: number): number[] {
  const count = means.length / latentSize;
  const deviations = Array.from({ length: latentSize }, (_, latent) => {
    const values = Array.from({ length: count }, (_, row) => means[row * latentSize + latent]!);
    return meanAndDeviation(values).standardDeviation;
  });
  return Array.from(deviations.keys()).sort((a, b) => deviations[b]! - deviations[a]!);
}

/** Position of the nth image of a digit; 0 if there are too few. */
function nthOf(labels: Uint8Array | Uint16Array, digit: number, nth: number): number {
  let position = -1;
  for (let found = 0; found <= nth; found++) position = labels.indexOf(digit, position + 1);
  return Math.max(position, 0);
}
