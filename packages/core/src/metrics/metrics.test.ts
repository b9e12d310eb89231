import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { accuracy } from './accuracy.ts';

describe('accuracy', () => {
  it('is the fraction of correct predictions', async () => {
    await tf.setBackend('cpu');
    const logits = tf.tensor2d([0, 1, 3, 2, 1, 0, 0, 0, 9, -1, -2, -3], [4, 3]);
    const found = accuracy(logits, tf.tensor1d([2, 0, 1, 0], 'int32'));
    expect(found.dataSync()[0]).toBeCloseTo(0.75, 6);
  });
});
