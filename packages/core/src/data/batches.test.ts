import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../random/random-stream.ts';
import { ArrayBatches, type Batch } from './batches.ts';

const COUNT = 10;
const images = Uint8Array.from({ length: COUNT * 4 }, (_, index) => index);
const labels = Int32Array.from({ length: COUNT }, (_, index) => index);
const fields = { images: { values: images, shape: [2, 2], divisor: 255 }, labels: { values: labels, shape: [] } };

async function labelsOf(source: BatchSource<Batch & { labels: tf.Tensor }>, epoch: number, first?: number) {
  const found: number[][] = [];
  for await (const batch of source.batches(epoch, first)) {
    found.push([...batch.labels.dataSync()]);
    tf.dispose(batch);
  }
  return found;
}

describe('ArrayBatches', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('scales bytes to [0, 1], keeps integers and keeps fields aligned', async () => {
    const source = new ArrayBatches(fields, { batchSize: 4, random: RandomStream.fromSeed(1) });
    for await (const batch of source.batches(0)) {
      expect([batch.images.dtype, batch.labels.dtype]).toEqual(['float32', 'int32']);
      expect(batch.images.shape.slice(1)).toEqual([2, 2]);
      const values = batch.images.dataSync();
      for (const [row, label] of batch.labels.dataSync().entries())
        expect(values[row * 4 + 1]).toBe(Math.fround((label * 4 + 1) / 255));
      tf.dispose(batch);
    }
  });

  it('returns every example once per epoch, in an order determined by seed and epoch', async () => {
    const make = (seed: number) => new ArrayBatches(fields, { batchSize: 3, random: RandomStream.fromSeed(seed) });
    const first = await labelsOf(make(1), 0);
    expect(first.map(({ length }) => length)).toEqual([3, 3, 3, 1]);
    expect(first.flat().sort((a, b) => a - b)).toEqual([...labels]);
    expect(await labelsOf(make(1), 0)).toEqual(first);
    expect(await labelsOf(make(1), 1)).not.toEqual(first);
    expect(await labelsOf(make(2), 0)).not.toEqual(first);
  });

  it('starts anywhere in an epoch', async () => {
    const source = new ArrayBatches(fields, { batchSize: 3, random: RandomStream.fromSeed(1) });
    expect(await labelsOf(source, 5, 2)).toEqual((await labelsOf(source, 5)).slice(2));
    expect(await labelsOf(source, 5, 4)).toEqual([]);
  });

  it('drops an incomplete last batch on request, and keeps the order without a stream', async () => {
    const source = new ArrayBatches(fields, { batchSize: 4, dropLast: true });
    expect(source.batchesPerEpoch).toBe(2);
    expect(await labelsOf(source, 0)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
  });

  it('refuses fields of different lengths and invalid batch sizes', () => {
    const short = { ...fields, labels: { values: labels.subarray(1), shape: [] } };
    expect(() => new ArrayBatches(short, { batchSize: 1 })).toThrow('got images 10, labels 9');
    const wrong = { values: Int32Array.of(0, 3, 1), shape: [], below: 3 };
    expect(() => new ArrayBatches({ labels: wrong }, { batchSize: 1 })).toThrow(
      'batches: field "labels": expected integers in [0, 3), got 3',
    );
    expect(() => new ArrayBatches(fields, { batchSize: 0 })).toThrow('expected a batch size of at least 1, got 0');
    expect(() => new ArrayBatches(fields, { batchSize: 11, dropLast: true })).toThrow('got 10 examples');
  });

  it('leaks no tensors', async () => {
    const before = tf.memory().numTensors;
    await labelsOf(new ArrayBatches(fields, { batchSize: 4 }), 0);
    expect(tf.memory().numTensors).toBe(before);
  });
});
