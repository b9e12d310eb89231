import type { RandomStream } from '@motley/core';
import { meanAndDeviation } from '@motley/run';
import { type Figure, imageGrid } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { take, type Digits } from './data.ts';
import { IMAGE_SIZE, PIXELS, type Vae } from './model.ts';
import { embed, reconstruct } from './predict.ts';
import { decodeImages, manifoldLatents, normalQuantile, priorMoments, read, samplePrior } from './sample.ts';

const MANIFOLD_SIDE = 20;
/** Pictures from one end to the other of an interpolation or a traversal. */
const STEPS = 11;
/** Latents traversed at most: those that carry most. */
const TRAVERSED = 20;
const COLUMNS = 10;

/** Two test images of each digit, and below each what the decoder makes of its posterior mean. */
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

/** Images of latents drawn from the prior. */
export async function samplesFigure(model: Vae, count: number, random: RandomStream, deviation = 1): Promise<Figure> {
  const images = await samplePrior(model, count, random, deviation);
  const what = model.neighbors === undefined ? 'pixel probabilities' : 'pixels drawn one by one';
  return grid(model, images, { scale: 2, title: `Samples from the prior (${what})` });
}

/** From one test image to the next digit's, through the latents between their posterior means. */
export async function interpolations(model: Vae, test: Digits, random: RandomStream): Promise<Figure> {
  const pairs = Array.from({ length: COLUMNS }, (_, digit) => {
    const end = nthOf(test.labels, (digit + 1) % COLUMNS, 1);
    return take(test, [nthOf(test.labels, digit, 0), end]);
  });
  const latents = tf.tidy(() =>
    tf.concat(
      pairs.map((pair) => {
        const [from, to] = tf.split(embed(model, imagesOf(pair)), 2);
        const parts = tf.reshape(tf.linspace(0, 1, STEPS), [STEPS, 1]);
        return tf.add(from!, tf.mul(parts, tf.sub(to!, from!)));
      }),
    ),
  );
  const images = await decodeImages(model, latents, random);
  latents.dispose();
  return grid(model, images, { columns: STEPS, scale: 2, title: 'Between two test images' });
}

/** Each latent from one end of the prior to the other, the others being those of a test image; first those that vary most. */
export async function traversals(
  model: Vae,
  test: Digits,
  means: ArrayLike<number>,
  random: RandomStream,
): Promise<Figure> {
  const prior = await priorMoments(model);
  const axes = busiestLatents(means, model.latentSize).slice(0, TRAVERSED);
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
    title: "One of a test image's latents at a time",
    rowLabels: axes.map((axis) => `latent ${axis + 1}`),
  });
}

/** The images over a plane of the latent space; `means` [N, Z] say which two latents vary most. */
export async function manifold(model: Vae, means: ArrayLike<number>, random: RandomStream): Promise<Figure> {
  const [first = 0, second = 0] = busiestLatents(means, model.latentSize)
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

/** Pixels in [0, 1]: [N, P]. */
export function imagesOf({ images, count }: Digits): tf.Tensor {
  return tf.tidy(() => tf.div(tf.tensor(Float32Array.from(images), [count, images.length / count]), 255));
}

/** What `compute` makes of images as a tensor, which is freed. */
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

/** Latents by how much their posterior means vary, most first. */
function busiestLatents(means: ArrayLike<number>, latentSize: number): number[] {
  const count = means.length / latentSize;
  const deviations = Array.from({ length: latentSize }, (_, latent) => {
    const values = Array.from({ length: count }, (_, row) => means[row * latentSize + latent]!);
    return meanAndDeviation(values).standardDeviation;
  });
  return Array.from(deviations.keys()).sort((a, b) => deviations[b]! - deviations[a]!);
}

/** Where the nth image of a digit is; the first image where there are not so many. */
function nthOf(labels: Uint8Array | Uint16Array, digit: number, nth: number): number {
  let position = -1;
  for (let found = 0; found <= nth; found++) position = labels.indexOf(digit, position + 1);
  return Math.max(position, 0);
}
