import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { binarize } from './data.ts';
import { negativeLogLikelihoods } from './likelihood.ts';
import { klDivergence, logMeanExp, logPosteriorOverPrior } from './loss.ts';
import { PIXELS, Vae } from './model.ts';
import { blobs } from './testing/blobs.ts';

const settings = config.resolve({ set: ['model.latentSize=1', 'model.hiddenSizes=8'] });

describe('negativeLogLikelihoods', () => {
  beforeAll(() => chooseBackend('cpu'));

  it.each([0, 3])('equals the integral over the latent, with %i components in the prior', async (priorComponents) => {
    const model = new Vae({ ...settings.model, priorComponents }, RandomStream.fromSeed(2));
    const digits = binarize(blobs(3, 1), RandomStream.fromSeed(3));
    const before = tf.memory().numTensors;
    const found = await negativeLogLikelihoods(model, digits, 4000, RandomStream.fromSeed(4));
    expect(tf.memory().numTensors).toBe(before);
    // ∫ p(x|z) p(z) dz by the trapezoidal rule.
    const [steps, width] = [400, 16];
    const latents = Float32Array.from({ length: steps }, (_, index) => (index / (steps - 1) - 0.5) * width);
    const grid = tf.tensor(latents, [steps, 1]);
    const logits = tf.tidy(() => model.decode(grid).dataSync());
    const logPrior = tf.tidy(() => model.prior?.logDensity(grid).dataSync());
    grid.dispose();
    for (const [image, nats] of found.entries()) {
      const logs = Array.from(latents, (z, step) => {
        let log = logPrior?.[step] ?? -0.5 * z * z - 0.5 * Math.log(2 * Math.PI);
        for (let pixel = 0; pixel < PIXELS; pixel++) {
          const [logit, x] = [logits[step * PIXELS + pixel]!, digits.images[image * PIXELS + pixel]! / 255];
          log += x * logit - Math.log1p(Math.exp(logit));
        }
        return log;
      });
      const greatest = largest(logs);
      const integral = logs.reduce((sum, log) => sum + Math.exp(log - greatest), 0) * (width / (steps - 1));
      expect(Math.abs(nats + greatest + Math.log(integral))).toBeLessThan(0.1);
    }
    model.dispose();
  });

  it('decreases with more samples, starting at the bound', async () => {
    const model = new Vae({ ...settings.model, latentSize: 4 }, RandomStream.fromSeed(2));
    const digits = binarize(blobs(40, 1), RandomStream.fromSeed(3));
    const mean = async (samples: number): Promise<number> => {
      const nats = await negativeLogLikelihoods(model, digits, samples, RandomStream.fromSeed(5));
      return nats.reduce((sum, value) => sum + value, 0) / nats.length;
    };
    const [one, some, many] = [await mean(1), await mean(10), await mean(200)];
    expect(some).toBeLessThan(one);
    expect(many).toBeLessThan(some);
    model.dispose();
  });
});

describe('log importance weights', () => {
  it('have the KL divergence as their mean', () => {
    tf.tidy(() => {
      const posterior = { mean: tf.tensor2d([[0.5, -1]]), logVariance: tf.tensor2d([[-1, 0.3]]) };
      const noise = tf.tensor(RandomStream.fromSeed(6).normalValues(40_000), [20_000, 2]);
      const latents = tf.add(posterior.mean, tf.mul(tf.exp(tf.mul(posterior.logVariance, 0.5)), noise));
      const mean = tf.mean(logPosteriorOverPrior(latents, posterior)).dataSync()[0]!;
      expect(Math.abs(mean - klDivergence(posterior).dataSync()[0]!)).toBeLessThan(0.03);
    });
  });

  it('are averaged without overflow', () => {
    const values = tf.tensor2d([
      [1000, -1000],
      [1000 + Math.log(3), -1000],
    ]);
    const [large, small] = tf.tidy(() => logMeanExp(values).dataSync());
    expect(large).toBeCloseTo(1000 + Math.log(2), 3);
    expect(small).toBeCloseTo(-1000, 3);
    values.dispose();
  });
});
