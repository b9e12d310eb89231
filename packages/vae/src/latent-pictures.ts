import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomStream } from '@motley/core';
import { type Figure, type RunFolder, scatterChart, writeFileAtomically, writeProjector } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { first, type Digits } from './data.ts';
import { embedAll } from './figures.ts';
import { IMAGE_SIZE, PIXELS, type Vae } from './model.ts';
import { projectOnPlane } from './principal-components.ts';
import { tsne, umap, type Plane } from './projection.ts';
import { decodeImages, drawLatents, priorMoments, read } from './sample.ts';

const GRID_SIDE = 4;
const KEY_POINTS = 6;
const FRAMES_BETWEEN = 10;
const FRAME_TIME_IN_MS = 80;
const SCALE = 3;

/** Scatter charts of posterior means by digit, projected by PCA, t-SNE and UMAP. Prints the time of each. */
export async function latentPlanes(
  model: Vae,
  test: Digits,
  count: number,
  random: RandomStream,
  print: (line: string) => void,
): Promise<Record<string, Figure>> {
  const digits = first(test, count);
  const points = { values: await embedAll(model, digits), count: digits.count, size: model.latentSize };
  const timed = async (name: string, project: () => Plane | Promise<Plane>): Promise<Plane> => {
    const start = performance.now();
    const plane = await project();
    print(`${name}: ${digits.count} points in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return plane;
  };
  const planes = {
    PCA: await timed('PCA', () => projectOnPlane(points.values, points.count, points.size)),
    't-SNE': await timed('t-SNE', () => tsne(points)),
    UMAP: await timed('UMAP', () => umap(points, random)),
  };
  const categories = Array.from(digits.labels, (label) => Math.floor(label / (model.imageChannels === 3 ? 100 : 1)));
  return Object.fromEntries(
    Object.entries(planes).map(([name, { x, y }]) => {
      const figure = scatterChart({
        x,
        y,
        categories,
        categoryNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
        title: `Posterior means of test images by ${name}`,
        xName: '',
        yName: '',
        width: 640,
        height: 560,
      });
      return [`latents-${name.toLowerCase().replace('-', '')}`, figure];
    }),
  );
}

/** Writes posterior means and their images for TensorBoard's Projector. */
export async function writeLatentProjector(path: string, model: Vae, test: Digits, count: number): Promise<void> {
  const digits = first(test, count);
  const values = await embedAll(model, digits);
  await writeProjector(path, [
    {
      name: 'posterior-means',
      values,
      shape: [digits.count, model.latentSize],
      labels: { digit: Array.from(digits.labels) },
      thumbnails: {
        images: digits.images,
        shape: [digits.count, IMAGE_SIZE, IMAGE_SIZE, model.imageChannels === 3 ? 3 : 1],
      },
    },
  ]);
}

/**
 * Writes `figures/latent-walk.gif`, a grid of walks through the latent space. Each walk passes through samples from the
 * prior on elliptic arcs and returns to the first.
 * @returns path of the file
 */
export async function writeLatentWalk(folder: RunFolder, model: Vae, random: RandomStream): Promise<string> {
  const frames = KEY_POINTS * FRAMES_BETWEEN;
  const walks = GRID_SIDE ** 2;
  const size = model.latentSize;
  const drawn = await read(await drawLatents(model, walks * KEY_POINTS, random, 1));
  const { means } = await priorMoments(model);
  const values = new Float32Array(frames * walks * size);
  for (let walk = 0; walk < walks; walk++) {
    const key = (index: number): Float32Array => {
      const row = walk * KEY_POINTS + (index % KEY_POINTS);
      return drawn.subarray(row * size, (row + 1) * size);
    };
    for (let frame = 0; frame < frames; frame++) {
      const [from, fraction] = [Math.floor(frame / FRAMES_BETWEEN), (frame % FRAMES_BETWEEN) / FRAMES_BETWEEN];
      values.set(arcPoint(key(from), key(from + 1), means, fraction), (frame * walks + walk) * size);
    }
  }
  const latents = tf.tensor(values, [frames * walks, size]);
  const images = await decodeImages(model.eval(), latents, random);
  latents.dispose();
  const gif = await animate(images, frames, model.imageChannels === 3 ? 3 : 1);
  const path = join(folder.path, 'figures', 'latent-walk.gif');
  await mkdir(join(folder.path, 'figures'), { recursive: true });
  await writeFileAtomically(path, gif);
  return path;
}

/** Point at `fraction` t of an arc: m + cos(πt/2) (a - m) + sin(πt/2) (b - m). For normal a and b it has their distribution. */
function arcPoint(from: Float32Array, to: Float32Array, means: Float32Array, fraction: number): Float32Array {
  const [a, b] = [Math.cos((Math.PI / 2) * fraction), Math.sin((Math.PI / 2) * fraction)];
  return means.map((mean, axis) => mean + a * (from[axis]! - mean) + b * (to[axis]! - mean));
}

/** Enlarged animated GIF whose frames are grids of images: [frames · GRID_SIDE², 28 · 28 · C] in [0, 1] → bytes. */
async function animate(images: Float32Array, frames: number, channels: 1 | 3): Promise<Uint8Array> {
  const side = GRID_SIDE * IMAGE_SIZE * SCALE;
  const bytes = new Uint8Array(frames * side * side * channels);
  for (let index = 0; index < bytes.length; index++) {
    const [channel, pixel] = [index % channels, Math.floor(index / channels)];
    const [column, line] = [Math.floor((pixel % side) / SCALE), Math.floor(pixel / side)];
    const [frame, row] = [Math.floor(line / side), Math.floor((line % side) / SCALE)];
    const walk = Math.floor(row / IMAGE_SIZE) * GRID_SIDE + Math.floor(column / IMAGE_SIZE);
    const place = (row % IMAGE_SIZE) * IMAGE_SIZE + (column % IMAGE_SIZE);
    bytes[index] = Math.round(255 * images[((frame * GRID_SIDE ** 2 + walk) * PIXELS + place) * channels + channel]!);
  }
  const raw = { width: side, height: frames * side, channels, pageHeight: side };
  const delay = Array.from({ length: frames }, () => FRAME_TIME_IN_MS);
  const { default: sharp } = await import('sharp');
  return sharp(bytes, { raw }).gif({ delay, loop: 0 }).toBuffer();
}
