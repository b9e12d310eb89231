import { valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { klDivergence, reconstructionLoss } from './loss.ts';

describe('reconstructionLoss', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('equals the cross-entropy summed over pixels', () => {
    const [logits, images] = [
      [-3, 0.5, 2],
      [0, 0.3, 1],
    ];
    const expected = logits.reduce((sum, logit, pixel) => {
      const probability = 1 / (1 + Math.exp(-logit));
      return sum - images[pixel]! * Math.log(probability) - (1 - images[pixel]!) * Math.log(1 - probability);
    }, 0);
    const found = tf.tidy(() => reconstructionLoss(tf.tensor2d([logits]), tf.tensor2d([images])).dataSync());
    expect(found[0]).toBeCloseTo(expected, 5);
  });

  it('neither overflows nor loses its gradient at large logits', () => {
    const logits = tf.variable(tf.tensor2d([[1000, -1000, 80]]));
    const images = tf.tensor2d([[0, 1, 1]]);
    const loss = () => ({ loss: tf.sum<tf.Tensor>(reconstructionLoss(logits, images)) });
    const { terms, gradients } = valueAndGradients(loss, new Map([['logits', logits]]));
    expect(terms.loss.dataSync()[0]).toBe(2000);
    expect([...gradients.logits!.dataSync()]).toEqual([1, -1, 0]);
  });
});

describe('klDivergence', () => {
  it('is 0 at the prior and follows the closed form elsewhere', () => {
    const mean = tf.tensor2d([
      [0, 0],
      [1, -2],
    ]);
    const logVariance = tf.tensor2d([
      [0, 0],
      [0, Math.log(4)],
    ]);
    const found = klDivergence({ mean, logVariance }).dataSync();
    expect(found[0]).toBeCloseTo(0, 6);
    // ½ (1 + 1 - 0 - 1) + ½ (4 + 4 - log 4 - 1)
    expect(found[1]).toBeCloseTo(0.5 + 0.5 * (7 - Math.log(4)), 5);
  });

  it('equals the integral of q (log q - log p)', () => {
    const [mean, deviation] = [0.7, 0.4];
    let sum = 0;
    const count = 2000;
    for (let index = 0; index < count; index++) {
      // Quadrature over ±6 deviations.
      const step = 12 / count;
      const epsilon = -6 + (index + 0.5) * step;
      const z = mean + deviation * epsilon;
      const density = Math.exp(-0.5 * epsilon ** 2) / Math.sqrt(2 * Math.PI);
      sum += density * step * (-0.5 * epsilon ** 2 - Math.log(deviation) + 0.5 * z ** 2);
    }
    const posterior = { mean: tf.tensor2d([[mean]]), logVariance: tf.tensor2d([[2 * Math.log(deviation)]]) };
    expect(klDivergence(posterior).dataSync()[0]).toBeCloseTo(sum, 5);
  });
});
