import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomStream } from '@motley/core';
import type { Digits } from '../data.ts';
import { IMAGE_SIZE, PIXELS } from '../model.ts';

/** Soft discs at places given by their digits: a small data set that a model can learn. */
export function blobs(count: number, seed: number): Digits {
  const random = RandomStream.fromSeed(seed);
  const labels = Uint8Array.from(random.integers(count, 0, 10));
  const radii = random.uniformValues(count, 3, 6);
  const images = new Uint8Array(count * PIXELS);
  for (let index = 0; index < images.length; index++) {
    const [example, pixel] = [Math.floor(index / PIXELS), index % PIXELS];
    const angle = (2 * Math.PI * labels[example]!) / 10;
    const dx = (pixel % IMAGE_SIZE) - (13.5 + 7 * Math.cos(angle));
    const dy = Math.floor(pixel / IMAGE_SIZE) - (13.5 + 7 * Math.sin(angle));
    images[index] = 255 / (1 + Math.exp(Math.hypot(dx, dy) - radii[example]!));
  }
  return { images, labels, count };
}

/** Writes digits as the four idx files of MNIST. */
export async function writeIdxFolder(folder: string, training: Digits, test: Digits): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [prefix, { images, labels, count }] of [
    ['train', training],
    ['t10k', test],
  ] as const) {
    await writeFile(join(folder, `${prefix}-images-idx3-ubyte`), idx([count, IMAGE_SIZE, IMAGE_SIZE], images));
    await writeFile(join(folder, `${prefix}-labels-idx1-ubyte`), idx([count], Uint8Array.from(labels)));
  }
}

/** Encodes an idx file: magic bytes 0, 0, 8 and the rank; big-endian lengths; values. */
function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 + shape.length);
  for (const [axis, length] of shape.entries()) header.setUint32(4 + 4 * axis, length);
  return Buffer.concat([new Uint8Array(header.buffer), values]);
}
