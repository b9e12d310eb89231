import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from '../config.ts';
import { Vae } from '../model.ts';
import { blobs } from '../testing/blobs.ts';
import type { VerificationNetwork } from './network.ts';
import { trainVerification } from './train.ts';
import { digitProbabilities, verify, verifyDefaults, verifyRealImages } from './verify.ts';

describe('the verification network', () => {
  const test = blobs(60, 2);
  const options = { ...verifyDefaults, samples: 8, draws: 2 };
  let network: VerificationNetwork;
  beforeAll(async () => {
    await chooseBackend('wasm');
    network = await trainVerification(blobs(120, 1), { epochs: 9, seed: 0, batchSize: 16 });
  });
  afterAll(() => {
    network.dispose();
  });

  it('classifies test images, and stacks of them', async () => {
    const figures = await verifyRealImages(network, test, 1, options);
    expect(figures.accuracy).toBeGreaterThan(0.9);
    expect(figures.accuracy).toBeLessThanOrEqual(figures.predictability!);
    expect(figures.stackedAccuracy).toBeGreaterThan(0.8);
  });

  it('classifies the channels of a stacked image independently', async () => {
    const three = Float32Array.from(test.images.subarray(0, 3 * 784), (value) => value / 255);
    const channelsLast = three.map((_, index) => three[(index % 3) * 784 + Math.floor(index / 3)]!);
    const [singles, stacked] = [
      await digitProbabilities(network, three, 1),
      await digitProbabilities(network, channelsLast, 3),
    ];
    for (const [index, probability] of singles.entries()) expect(stacked[index]).toBeCloseTo(probability, 5);
  });

  it.each([
    [1, ['accuracy', 'predictability', 'stackedAccuracy', 'stackedPredictability'], 'quality'],
    [3, ['stackedAccuracy', 'stackedPredictability'], 'stackedQuality'],
  ])('scores models of %i channels, and leaks no tensors', async (imageChannels, names, generatedName) => {
    const { model: settings } = config.resolve({
      set: [`model.imageChannels=${imageChannels}`, 'model.hiddenSizes=8', 'model.latentSize=2'],
    });
    const model = new Vae(settings, RandomStream.fromSeed(1));
    const images = new Uint8Array(4 * 784 * imageChannels).fill(100);
    const before = tf.memory().numTensors;
    const found = await verify(network, model, { images, labels: Uint8Array.of(1, 2, 3, 4), count: 4 }, options);
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.keys(found.test).sort()).toEqual(names);
    expect(found.generated[generatedName]).toBeGreaterThanOrEqual(0);
    expect(found.generated.stackedCoverage).toBeLessThanOrEqual(8 / 1000);
    const again = await verify(network, model, { images, labels: Uint8Array.of(1, 2, 3, 4), count: 4 }, options);
    expect(again).toEqual(found);
    model.dispose();
  });
});
