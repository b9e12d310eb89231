import { RandomStream, type MetricRecord } from '@motley/core';
import { imageGrid, lineChart, scatterChart, type Figure } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { take, type Digits } from './data.ts';
import { IMAGE_SIZE, PIXELS, type Vae } from './model.ts';
import { embed, reconstruct } from './predict.ts';
import { projectOnPlane } from './principal-components.ts';
import { sampleManifold, samplePrior } from './sample.ts';

const DIGITS = 10;
const SCATTERED = 5000;
const MANIFOLD_SIDE = 20;

/** All pictures of a trained model, by file name. Originals are test images. */
export async function drawFigures(
  model: Vae,
  test: Digits,
  records: readonly MetricRecord[],
  seed: number,
): Promise<Record<string, Figure>> {
  model.eval();
  const scattered = take(
    test,
    Array.from({ length: Math.min(SCATTERED, test.count) }, (_, index) => index),
  );
  const means = await read(tf.tidy(() => embed(model, imagesOf(scattered))));
  return {
    reconstructions: await reconstructionsFigure(model, test),
    samples: await samplesFigure(model, 100, RandomStream.fromSeed(seed).fork('samples')),
    'latent-manifold': await manifoldFigure(model, means),
    'latent-scatter': latentScatter(model.latentSize, means, scattered.labels),
    ...(records.length > 0 && { 'learning-curve': learningCurve(records) }),
  };
}

/** Two test images of each digit, and below each what the decoder makes of its posterior mean. */
async function reconstructionsFigure(model: Vae, test: Digits): Promise<Figure> {
  const positions = [0, 1].flatMap((nth) =>
    Array.from({ length: DIGITS }, (_, digit) => nthOf(test.labels, digit, nth)),
  );
  const originals = take(test, positions);
  const reconstructed = await read(tf.tidy(() => reconstruct(model, imagesOf(originals))));
  const rowSize = DIGITS * PIXELS;
  const images = new Float32Array(4 * rowSize);
  for (const row of [0, 1]) {
    const pixels = originals.images.subarray(row * rowSize, (row + 1) * rowSize);
    images.set(
      Float32Array.from(pixels, (value) => value / 255),
      2 * row * rowSize,
    );
    images.set(reconstructed.subarray(row * rowSize, (row + 1) * rowSize), (2 * row + 1) * rowSize);
  }
  return imageGrid({
    images,
    shape: [4 * DIGITS, IMAGE_SIZE, IMAGE_SIZE, 1],
    columns: DIGITS,
    scale: 2,
    title: 'Test images and their reconstructions',
    rowLabels: ['original', 'reconstructed', 'original', 'reconstructed'],
  });
}

/** Images of latents drawn from the prior, as pixel probabilities. */
export async function samplesFigure(model: Vae, count: number, random: RandomStream): Promise<Figure> {
  const images = await read(samplePrior(model, count, random));
  return imageGrid({
    images,
    shape: [count, IMAGE_SIZE, IMAGE_SIZE, 1],
    scale: 2,
    title: 'Samples from the prior (pixel probabilities)',
  });
}

/** The images over a plane of the latent space; `means` [N, Z] say which two latents carry most. */
async function manifoldFigure(model: Vae, means: ArrayLike<number>): Promise<Figure> {
  const axes = busiestLatents(means, model.latentSize);
  const images = await read(sampleManifold(model, MANIFOLD_SIDE, axes));
  const [x, y] = [axes[0] + 1, axes[1] + 1];
  const rest = model.latentSize > 2 ? ', others 0' : '';
  return imageGrid({
    images,
    shape: [MANIFOLD_SIDE ** 2, IMAGE_SIZE, IMAGE_SIZE, 1],
    columns: MANIFOLD_SIDE,
    scale: 1,
    gap: 0,
    title: `Latents ${x} (→) and ${y} (↑)${rest}`,
  });
}

/** Posterior means by digit: the two latents themselves, or the plane that holds most of them. */
function latentScatter(latentSize: number, means: Float32Array, labels: Uint8Array): Figure {
  const common = {
    categories: labels,
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

/** Loss against epochs, training's being the means of whole epochs. */
function learningCurve(records: readonly MetricRecord[]): Figure {
  const points = (split: string, metric: string) =>
    records.flatMap((record): [number, number][] => {
      const value = record.metrics[metric];
      return record.split === split && value !== undefined ? [[record.epoch, value]] : [];
    });
  return lineChart({
    title: 'Learning curve',
    xName: 'epoch',
    yName: 'loss (nats per image)',
    lines: [
      { name: 'training', points: points('train', 'epochLoss') },
      { name: 'validation', points: points('validation', 'loss') },
    ],
  });
}

/** The two latents whose posterior means vary most. */
function busiestLatents(means: ArrayLike<number>, latentSize: number): [number, number] {
  const squares = new Float64Array(latentSize);
  for (let index = 0; index < means.length; index++) squares[index % latentSize]! += means[index]! ** 2;
  const order = Array.from(squares.keys()).sort((a, b) => squares[b]! - squares[a]!);
  const [first = 0, second = 0] = order.slice(0, 2).sort((a, b) => a - b);
  return [first, second];
}

function nthOf(labels: Uint8Array, digit: number, nth: number): number {
  let position = -1;
  for (let found = 0; found <= nth; found++) position = labels.indexOf(digit, position + 1);
  return Math.max(position, 0);
}

function imagesOf({ images, count }: Digits): tf.Tensor {
  return tf.div(tf.tensor(Float32Array.from(images), [count, PIXELS]), 255);
}

/** The values of a tensor, which is freed. */
async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}
