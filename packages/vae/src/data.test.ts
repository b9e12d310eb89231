import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@motley/core';
import { largest } from '@motley/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { binarize, loadData, take, type Digits } from './data.ts';
import { blobs, writeIdxFolder } from './testing/blobs.ts';

describe('take', () => {
  it('copies images with their labels, and leaves the source unchanged', () => {
    const { images, labels, count } = blobs(20, 1);
    // Files are read into Buffers, whose `slice` is a view.
    const source: Digits = { images: Buffer.from(images), labels: Buffer.from(labels), count };
    const taken = take(source, [7, 3]);
    expect(Array.from(taken.labels)).toEqual([labels[7], labels[3]]);
    expect(Array.from(taken.images.subarray(784))).toEqual(Array.from(images.subarray(3 * 784, 4 * 784)));
    expect(Array.from(source.labels)).toEqual(Array.from(labels));
  });
});

describe('binarize', () => {
  it('samples pixels with gray levels as probabilities, repeatable by the seed', () => {
    const gray: Digits = { images: new Uint8Array(784).fill(51), labels: Uint8Array.of(1), count: 1 };
    const { images } = binarize(gray, RandomStream.fromSeed(1));
    expect(new Set(images)).toEqual(new Set([0, 255]));
    expect(Math.abs(images.filter((value) => value === 255).length / 784 - 0.2)).toBeLessThan(0.05);
    expect(binarize(gray, RandomStream.fromSeed(1)).images).toEqual(images);
    expect(binarize(gray, RandomStream.fromSeed(2)).images).not.toEqual(images);
  });
});

describe('loadData', () => {
  let folder: string;
  const [training, test] = [blobs(200, 1), blobs(100, 2)];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-digits-'));
    await writeIdxFolder(folder, training, test);
  });
  afterAll(() => rm(folder, { recursive: true }));
  const load = (...set: readonly string[]) =>
    loadData(config.resolve({ set: ['data.validationExamples=50', ...set] }), folder);

  it('splits the training images together with their labels', async () => {
    const data = await load();
    expect([data.training.count, data.validation.count, data.test.count]).toEqual([150, 50, 100]);
    const key = ({ images, labels }: Digits, index: number): string =>
      `${labels[index]!} ${images.subarray(index * 784, (index + 1) * 784).join()}`;
    const published = new Set(Array.from({ length: 200 }, (_, index) => key(training, index)));
    for (const part of [data.training, data.validation])
      for (let index = 0; index < part.count; index++) expect(published.has(key(part, index))).toBe(true);
    expect(Array.from(data.test.labels)).toEqual(Array.from(test.labels));
  });

  it('holds out a digit of all parts except the anomalies', async () => {
    const { anomalies, ...parts } = await load('data.heldOutDigit=3');
    for (const { labels } of Object.values(parts)) expect(Array.from(labels)).not.toContain(3);
    expect(new Set(anomalies!.labels)).toEqual(new Set([3]));
    expect(anomalies!.count + parts.test.count).toBe(100);
  });

  it('binarizes validation and test images independently of the seed, and leaves training images gray', async () => {
    const [one, other] = [await load('data.pixels=binarized'), await load('data.pixels=binarized', 'training.seed=5')];
    expect(new Set(one.test.images)).toEqual(new Set([0, 255]));
    expect(other.test.images).toEqual(one.test.images);
    expect(new Set(one.training.images).size).toBeGreaterThan(2);
  });

  it('stacks three digits, labeled 0 to 999', async () => {
    const data = await load('model.imageChannels=3');
    expect(data.test.images).toHaveLength(100 * 3 * 784);
    expect(largest(data.test.labels)).toBeGreaterThan(99);
    expect(largest(data.test.labels)).toBeLessThan(1000);
  });
});
