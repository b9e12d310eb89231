import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { NearestImages } from './nearest-images.ts';
import { blobs } from './testing/blobs.ts';

it('distances equal those of a brute-force search', async () => {
  await chooseBackend('wasm');
  const [training, digits] = [blobs(30, 1), blobs(7, 2)];
  const before = tf.memory().numTensors;
  const nearestImages = await NearestImages.of(training);
  const found = await nearestImages.distances(digits);
  nearestImages.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(found).toHaveLength(7);
  for (const [image, distance] of found.entries()) {
    const all = Array.from({ length: 30 }, (_, other) => {
      let sum = 0;
      for (let pixel = 0; pixel < 784; pixel++)
        sum += ((digits.images[image * 784 + pixel]! - training.images[other * 784 + pixel]!) / 255) ** 2;
      return Math.sqrt(sum);
    });
    const nearest = all.toSorted((a, b) => a - b).slice(0, 5);
    expect(distance).toBeCloseTo(nearest.reduce((sum, each) => sum + each, 0) / 5, 3);
  }
});

it('distances are measured in given features', async () => {
  await chooseBackend('wasm');
  const [training, digits] = [blobs(30, 1), blobs(7, 2)];
  const pixels = await NearestImages.of(training);
  const twice = await NearestImages.of(training, (images) => tf.mul(images, 2));
  const byPixels = await pixels.distances(digits);
  const doubled = await twice.distances(digits);
  for (const [image, distance] of doubled.entries()) expect(distance).toBeCloseTo(2 * byPixels[image]!, 3);
});
