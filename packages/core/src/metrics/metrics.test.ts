import { meanAndDeviation, RunningMeans } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { accuracy } from './accuracy.ts';

describe('metrics', () => {
  it('weighs means by their examples', () => {
    const means = new RunningMeans();
    means.add({ loss: 1, kl: 5 }, 3);
    means.add({ loss: 5, kl: 5 }, 1);
    expect(means.means).toEqual({ loss: 2, kl: 5 });
    expect(new RunningMeans().means).toEqual({});
  });

  it('gives mean and sample deviation', () => {
    expect(meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      mean: 5,
      standardDeviation: Math.sqrt(32 / 7),
      count: 8,
    });
    expect(meanAndDeviation([3]).standardDeviation).toBeNaN();
  });

  it('counts the predictions that are right', async () => {
    await tf.setBackend('cpu');
    const logits = tf.tensor2d([0, 1, 3, 2, 1, 0, 0, 0, 9, -1, -2, -3], [4, 3]);
    const found = accuracy(logits, tf.tensor1d([2, 0, 1, 0], 'int32'));
    expect(found.dataSync()[0]).toBeCloseTo(0.75, 6);
  });
});
