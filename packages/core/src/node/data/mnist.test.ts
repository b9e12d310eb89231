import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadMnist } from './mnist.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-mnist-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bigEndian = (...values: number[]): Buffer =>
  Buffer.from(values.flatMap((value) => [0, 0, value >> 8, value & 255]));
const idx = (shape: number[], values: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(0, 0, 8, shape.length), bigEndian(...shape), values]);
const images = (count: number): Buffer =>
  idx(
    [count, 28, 28],
    new Uint8Array(count * 784).map((_, index) => index % 251),
  );
const write = (name: string, bytes: Uint8Array) => writeFile(join(folder, name), bytes);
const IMAGES = 't10k-images-idx3-ubyte';
const LABELS = 't10k-labels-idx1-ubyte';

describe('loadMnist', () => {
  it('reads the real data set from the package', async () => {
    const train = await loadMnist('train');
    expect(train.count).toBe(60_000);
    expect(train.images.length).toBe(60_000 * 784);
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    const test = await loadMnist('test');
    expect(test.count).toBe(10_000);
    expect([...test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    // The published mean and standard deviation of the training pixels: 0.1307 and 0.3081.
    const mean = train.images.reduce((sum, pixel) => sum + pixel, 0) / train.images.length / 255;
    expect(mean).toBeCloseTo(0.1307, 4);
  });

  it('reads a folder of plain or gzipped files', async () => {
    await write(IMAGES, images(2));
    await write(`${LABELS}.gz`, gzipSync(idx([2], Uint8Array.of(3, 9))));
    const digits = await loadMnist('test', folder);
    expect(digits.count).toBe(2);
    expect([...digits.labels]).toEqual([3, 9]);
    expect([...digits.images.subarray(782, 786)]).toEqual([29, 30, 31, 32]);
  });

  const cases: readonly (readonly [string, Uint8Array | undefined, Uint8Array | undefined, string])[] = [
    ['missing images', undefined, undefined, `${IMAGES}: expected an idx file, found: no such file`],
    ['missing labels', images(1), undefined, `${LABELS}: expected an idx file, found: no such file`],
    [
      'truncated',
      images(2).subarray(0, 1000),
      idx([2], Uint8Array.of(1, 2)),
      `${IMAGES}: expected 1584 bytes for shape [2, 28, 28], found 1000`,
    ],
    ['wrong magic', Buffer.from('<html>not found</html>'), idx([1], Uint8Array.of(1)), 'found 3c 68 74 6d'],
    [
      'images of another size',
      idx([1, 2, 2], new Uint8Array(4)),
      idx([1], Uint8Array.of(1)),
      'expected images of shape [N, 28, 28], found [1, 2, 2]',
    ],
    [
      'labels as images',
      idx([1], Uint8Array.of(1)),
      idx([1], Uint8Array.of(1)),
      'expected images of shape [N, 28, 28], found [1]',
    ],
    ['empty files', idx([0, 28, 28], new Uint8Array(0)), idx([0], new Uint8Array(0)), 'found [0, 28, 28]'],
    [
      'differing numbers of images and labels',
      images(2),
      idx([3], Uint8Array.of(1, 2, 3)),
      `${LABELS}: expected 2 labels, one for each image, found [3]`,
    ],
    ['a wrong label', images(2), idx([2], Uint8Array.of(1, 10)), 'expected labels from 0 to 9, found 10 at position 1'],
  ];
  it.each(cases)('refuses %s', async (_, imageBytes, labelBytes, message) => {
    if (imageBytes !== undefined) await write(IMAGES, imageBytes);
    if (labelBytes !== undefined) await write(LABELS, labelBytes);
    const loading = loadMnist('test', folder);
    await expect(loading).rejects.toThrow(UserError);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(/^[^\n]*$/);
  });

  it('refuses damaged gzip and a path that is not a folder', async () => {
    await write(`${IMAGES}.gz`, gzipSync(images(1)).subarray(0, 30));
    await expect(loadMnist('test', folder)).rejects.toThrow(
      `${IMAGES}.gz: expected gzip of ${IMAGES}, found: unexpected end of file`,
    );
    await expect(loadMnist('test', join(folder, `${IMAGES}.gz`))).rejects.toThrow('a part of the path is a file');
  });
});
