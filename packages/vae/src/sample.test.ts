import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { PIXELS, Vae } from './model.ts';
import { embed, reconstruct } from './predict.ts';
import { normalQuantile, sampleManifold, samplePrior } from './sample.ts';

describe('normalQuantile', () => {
  // Python: statistics.NormalDist().inv_cdf(p)
  it.each([
    [0.5, 0],
    [0.025, -1.9599639845400536],
    [0.9, 1.2815515655446008],
    [0.999, 3.090232306167813],
    [1e-10, -6.361340902404056],
    [1e-16, -8.222082216130435],
  ])('of %f is %f', (probability, expected) => {
    expect(Math.abs(normalQuantile(probability) - expected)).toBeLessThan(2e-6);
  });
});

describe('samples', () => {
  const model = (latentSize: number): Vae =>
    new Vae({ ...config.resolve({ fast: true }).model, latentSize }, RandomStream.fromSeed(1));
  beforeAll(() => chooseBackend('cpu'));

  it('are probabilities, by the seed', () => {
    const draw = (seed: number): number[] => [
      ...tf.tidy(() => samplePrior(model(3), 4, RandomStream.fromSeed(seed)).dataSync()),
    ];
    expect(draw(1)).toHaveLength(4 * PIXELS);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(Math.min(...draw(1))).toBeGreaterThan(0);
    expect(Math.max(...draw(1))).toBeLessThan(1);
  });

  it('of the manifold lie at the quantiles, the second axis upwards', () => {
    tf.tidy(() => {
      const vae = model(3);
      const grid = sampleManifold(vae, 2, [0, 2]);
      expect(grid.shape).toEqual([4, PIXELS]);
      const quartile = 0.6744897501960817;
      const topLeft = tf.sigmoid(vae.decode(tf.tensor2d([[-quartile, 0, quartile]])));
      const [found, expected] = [tf.slice(grid, [0, 0], [1, PIXELS]).dataSync(), topLeft.dataSync()];
      expect(Math.max(...found.map((value, index) => Math.abs(value - expected[index]!)))).toBeLessThan(1e-6);
    });
  });

  it('of a posterior mean are the reconstruction', () => {
    tf.tidy(() => {
      const vae = model(2);
      const images = tf.ones([3, PIXELS]);
      expect(embed(vae, images).shape).toEqual([3, 2]);
      expect([...reconstruct(vae, images).dataSync()]).toEqual([
        ...tf.sigmoid(vae.decode(embed(vae, images))).dataSync(),
      ]);
    });
  });
});
