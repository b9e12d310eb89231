import { RandomNumbers } from '@motley/run';
import { NdArray, sizeOf, type Values } from './array.ts';
import type { DataConfig } from './config.ts';
import { CLASSES, sideOf, strokes } from './shapes.ts';

/** Black and white pictures and their classes. */
export interface Pictures {
  /** [N, H, W, 1], 0 or 1. */
  readonly images: NdArray;
  /** Indices into `CLASSES` [N]. */
  readonly labels: Uint8Array;
}

export interface PictureSets {
  readonly training: Pictures;
  readonly validation: Pictures;
  readonly test: Pictures;
}

/** Fractions of the pictures. The rest are test pictures. */
const SPLIT = { training: 0.7, validation: 0.2 };

/** Draws all pictures of a seed and splits them into training, validation and test pictures. */
export function createPictures(config: DataConfig, seed: number): PictureSets {
  const { images, labels } = drawPictures(config, config.count, RandomNumbers.fromSeed(seed).fork('pictures'));
  const bounds = [0, SPLIT.training, SPLIT.training + SPLIT.validation, 1].map((part) =>
    Math.round(part * config.count),
  );
  const part = (index: number): Pictures => {
    const [from, to] = [bounds[index]!, bounds[index + 1]!];
    const shape = [to - from, ...images.shape.slice(1)];
    return {
      images: images.view(shape, images.strides, from * images.strides[0]!),
      labels: labels.subarray(from, to),
    };
  };
  return { training: part(0), validation: part(1), test: part(2) };
}

/** Draws pictures in random order, the same number of each class. */
export function drawPictures(config: DataConfig, count: number, random: RandomNumbers): Pictures {
  const { size } = config;
  const labels = random.fork('order').shuffle(Uint8Array.from({ length: count }, (_, index) => index % CLASSES.length));
  const images = NdArray.zeros([count, size, size, 1]);
  for (const [index, label] of labels.entries())
    draw(images.values.subarray(index * size * size, (index + 1) * size * size), label, config, random.fork(index));
  return { images, labels };
}

/** Draws a figure of random size and position, then flips pixels. */
function draw(pixels: Values, label: number, config: DataConfig, random: RandomNumbers): void {
  const { size, centered, noise, figureFraction } = config;
  const [low, high] = figureFraction as [number, number];
  const [width, height] = Array.from(random.uniformValues(2, low, high), (part) => sideOf(part, size));
  const extent = { width: width!, height: height! };
  const [across, down] = random.uniformValues(2);
  const place = (free: number, part: number): number => Math.floor(centered ? free / 2 : part * (free + 1));
  const [left, top] = [place(size - extent.width, across!), place(size - extent.height, down!)];
  for (const [column, row] of strokes(label, extent)) pixels[(top + row) * size + left + column] = 1;
  if (noise === 0) return;
  const draws = random.uniformValues(pixels.length);
  for (let index = 0; index < pixels.length; index++) if (draws[index]! < noise) pixels[index] = 1 - pixels[index]!;
}

export interface Batch {
  /** [B, H, W, 1] */
  readonly inputs: NdArray;
  /** One-hot classes [B, K]. */
  readonly targets: NdArray;
  readonly labels: Uint8Array;
}

/** Number of batches in an epoch. The last may be smaller. */
export function batchCount({ labels }: Pictures, batchSize: number): number {
  return Math.ceil(labels.length / batchSize);
}

/**
 * Batches of pictures.
 * @param order order of the pictures; as they are by default
 * @param first index of the batch to start with
 */
export function* batches(pictures: Pictures, batchSize: number, order?: Uint32Array, first = 0): Generator<Batch> {
  const { images, labels } = pictures;
  const [count, ...shape] = images.shape as [number, ...number[]];
  const pixels = sizeOf(shape);
  for (let from = first * batchSize; from < count; from += batchSize) {
    const size = Math.min(batchSize, count - from);
    const inputs = NdArray.zeros([size, ...shape]);
    const targets = NdArray.zeros([size, CLASSES.length]);
    const chosen = new Uint8Array(size);
    for (let row = 0; row < size; row++) {
      const example = order?.[from + row] ?? from + row;
      const start = images.offset + example * pixels;
      inputs.values.set(images.values.subarray(start, start + pixels), row * pixels);
      chosen[row] = labels[example]!;
      targets.values[row * CLASSES.length + chosen[row]!] = 1;
    }
    yield { inputs, targets, labels: chosen };
  }
}

/** A picture as text, two characters a pixel, in a frame. */
export function printPicture({ images }: Pictures, index: number): string {
  const [, height, width] = images.shape as [number, number, number];
  const start = images.offset + index * height * width;
  const rows = Array.from({ length: height }, (_, row) => {
    const line = images.values.subarray(start + row * width, start + (row + 1) * width);
    return `│${Array.from(line, (value) => (value > 0.5 ? '██' : '  ')).join('')}│`;
  });
  const edge = '─'.repeat(2 * width);
  return [`┌${edge}┐`, ...rows, `└${edge}┘`].join('\n');
}
