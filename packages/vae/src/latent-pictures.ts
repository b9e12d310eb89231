import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomStream } from '@motley/core';
import { type Figure, type RunFolder, scatterChart, writeFileAtomically, writeProjector } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { first, type Digits } from './data.ts';
import { embedAll } from './figures.ts';
import { IMAGE_SIZE, PIXELS, type Vae } from './model.ts';
import { projectOnPlane } from './principal-components.ts';
import { tsne, umap, type Plane } from './projection.ts';
import { decodeImages, drawLatents, priorMoments, read } from './sample.ts';

const WALKS_IN_ROW = 4;
const KEY_POINTS = 6;
const FRAMES_BETWEEN = 10;
const FRAME_TIME_IN_MS = 80;
const SCALE = 3;

/** Posterior means of test images by digit, in the plane by PCA, t-SNE and UMAP. */
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

/** The same points for TensorBoard's Projector page, each with its image. */
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
 * A walk through the latent space, many side by side: from one draw of the prior to the next on the ellipse between them,
 * and back to the first. Writes `figures/latent-walk.gif`.
 * @returns its path
 */
export async function writeLatentWalk(folder: RunFolder, model: Vae, random: RandomStream): Promise<string> {
  const frames = KEY_POINTS * FRAMES_BETWEEN;
  const walks = WALKS_IN_ROW ** 2;
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
      const [from, part] = [Math.floor(frame / FRAMES_BETWEEN), (frame % FRAMES_BETWEEN) / FRAMES_BETWEEN];
      values.set(between(key(from), key(from + 1), means, part), (frame * walks + walk) * size);
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

/** About the mean m, draws of a normal distribution stay as likely on the way: m + cos(πt/2) (a - m) + sin(πt/2) (b - m). */
function between(from: Float32Array, to: Float32Array, means: Float32Array, part: number): Float32Array {
  const [a, b] = [Math.cos((Math.PI / 2) * part), Math.sin((Math.PI / 2) * part)];
  return means.map((mean, axis) => mean + a * (from[axis]! - mean) + b * (to[axis]! - mean));
}

/** Frames of WALKS_IN_ROW² images each, [F · W², 28 · 28 · C] from 0 to 1, as an animated GIF, enlarged. */
async function animate(images: Float32Array, frames: number, channels: 1 | 3): Promise<Uint8Array> {
  const side = WALKS_IN_ROW * IMAGE_SIZE * SCALE;
  const bytes = new Uint8Array(frames * side * side * channels);
  for (let index = 0; index < bytes.length; index++) {
    const [channel, pixel] = [index % channels, Math.floor(index / channels)];
    const [column, line] = [Math.floor((pixel % side) / SCALE), Math.floor(pixel / side)];
    const [frame, row] = [Math.floor(line / side), Math.floor((line % side) / SCALE)];
    const walk = Math.floor(row / IMAGE_SIZE) * WALKS_IN_ROW + Math.floor(column / IMAGE_SIZE);
    const place = (row % IMAGE_SIZE) * IMAGE_SIZE + (column % IMAGE_SIZE);
    bytes[index] = Math.round(
      255 * images[((frame * WALKS_IN_ROW ** 2 + walk) * PIXELS + place) * channels + channel]!,
    );
  }
  const raw = { width: side, height: frames * side, channels, pageHeight: side };
  const delay = Array.from({ length: frames }, () => FRAME_TIME_IN_MS);
  return sharp(bytes, { raw }).gif({ delay, loop: 0 }).toBuffer();
}
