import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { LocationAwareAttention } from './attention.ts';

beforeAll(async () => {
  await chooseBackend('auto');
});

describe('location-aware attention', () => {
  it('convolves the last weights alike in training, as one matrix, and in evaluation, by neighborhoods', () => {
    const random = RandomStream.fromSeed(1);
    const sizes = { state: 3, values: 4, attention: 5 };
    const attention = new LocationAwareAttention(sizes, { filters: 2, radius: 2 }, random);
    const values = tf.tensor3d(random.normalValues(2 * 7 * 4), [2, 7, 4]);
    const state = tf.tensor2d(random.normalValues(2 * 3), [2, 3]);
    const last = tf.softmax(tf.tensor2d(random.normalValues(2 * 7, 0, 3), [2, 7]));
    const weights = [true, false].map((training) => {
      attention.train(training);
      const memory = attention.remember(values, tf.tensor1d([7, 5], 'int32'));
      return attention.attend(state, last, memory).weights.dataSync<'float32'>();
    });
    for (const [index, weight] of weights[0]!.entries()) expect(weights[1]![index]).toBeCloseTo(weight, 6);
    expect(weights[1]!.slice(12)).toEqual(new Float32Array(2));
  });
});
