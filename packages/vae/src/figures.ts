import { RandomStream } from '@motley/core';
import { type Figure, scatterChart } from '@motley/run/node';
import { first, type Digits } from './data.ts';
import { imagesOf, interpolations, manifold, reconstructions, samplesFigure, traversals } from './image-figures.ts';
import type { Vae } from './model.ts';
import { embed } from './predict.ts';
import { projectOnPlane } from './principal-components.ts';
import { read } from './sample.ts';

const DIGITS = 10;
const SCATTER_POINTS = 5000;

/** All figures of a trained model by file name. Originals are test images. */
export async function drawFigures(model: Vae, test: Digits, seed: number): Promise<Record<string, Figure>> {
  model.eval();
  const random = RandomStream.fromSeed(seed);
  const scattered = first(test, SCATTER_POINTS);
  const means = await embedAll(model, scattered);
  return {
    reconstructions: await reconstructions(model, test),
    samples: await samplesFigure(model, 100, random.fork('samples')),
    interpolations: await interpolations(model, test, random.fork('interpolations')),
    traversals: await traversals(model, test, means, random.fork('traversals')),
    'latent-manifold': await manifold(model, means, random.fork('manifold')),
    'latent-scatter': latentScatter(model, means, scattered.labels),
  };
}

/** Posterior means of all images: [N, Z], row-major. */
export async function embedAll(model: Vae, digits: Digits): Promise<Float32Array> {
  const images = imagesOf(digits);
  const means = await read(embed(model, images));
  images.dispose();
  return means;
}

/** Posterior means by digit: both latents if there are two, otherwise the plane of the first two principal components. */
function latentScatter({ latentSize, imageChannels }: Vae, means: Float32Array, labels: ArrayLike<number>): Figure {
  const common = {
    // Stacked images are colored by their first digit.
    categories: Array.from(labels, (label) => Math.floor(label / (imageChannels === 3 ? 100 : 1))),
    categoryNames: Array.from({ length: DIGITS }, (_, digit) => String(digit)),
    title: 'Posterior means of test images, by digit',
    width: 640,
    height: 560,
  };
  if (latentSize === 2) {
    const [x, y] = [0, 1].map((axis) => means.filter((_, index) => index % 2 === axis));
    return scatterChart({ ...common, x: x!, y: y!, xName: 'latent 1', yName: 'latent 2' });
  }
  const { x, y, explained } = projectOnPlane(means, labels.length, latentSize);
  const [first, second] = explained.map((part, axis) => {
    return `principal component ${axis + 1} (${(100 * part).toFixed(0)}% of the variance)`;
  });
  return scatterChart({ ...common, x, y, xName: first!, yName: second! });
}
