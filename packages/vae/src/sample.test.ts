import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { meanAndDeviation, largest, smallest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { PIXELS, Vae } from './model.ts';
import { embed, reconstruct } from './predict.ts';
import { decodeImages, drawLatents, manifoldLatents, normalQuantile, priorMoments, samplePrior } from './sample.ts';

describe('normalQuantile', () => {
  // Python: statistics.NormalDist().inv_cdf(p)
  it.each([
    [0.5, 0],
    [0.025, -1.9599639845400536],
    [0.9, 1.2815515655446008],
    [0.999, 3.090232306167813],
    [1e-10, -6.361340902404056],
    [1e-16, -8.222082216130435],
  ])('at %f is %f', (probability, expected) => {
    expect(Math.abs(normalQuantile(probability) - expected)).toBeLessThan(2e-6);
  });
});

describe('samples', () => {
  const model = (latentSize: number, neighborChannels = 0): Vae =>
    new Vae({ ...config.resolve({ fast: true }).model, latentSize, neighborChannels }, RandomStream.fromSeed(1));
  beforeAll(() => chooseBackend('cpu'));

  it('are probabilities, repeat with the seed, and leak no tensors', async () => {
    const vae = model(3);
    const before = tf.memory().numTensors;
    const draw = (seed: number) => samplePrior(vae, 4, RandomStream.fromSeed(seed));
    const images = await draw(1);
    expect(images).toHaveLength(4 * PIXELS);
    expect(await draw(1)).toEqual(images);
    expect(await draw(2)).not.toEqual(images);
    expect(smallest(images)).toBeGreaterThan(0);
    expect(largest(images)).toBeLessThan(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('of the neighbor decoder follow its probabilities given the neighbors', async () => {
    const vae = model(2, 3);
    const before = tf.memory().numTensors;
    const images = await samplePrior(vae, 30, RandomStream.fromSeed(4));
    expect(tf.memory().numTensors).toBe(before);
    expect(new Set(images)).toEqual(new Set([0, 1]));
    // Probabilities of all pixels at once, given the finished images: sampled pixels agree with their mean.
    const latents = tf.tensor(RandomStream.fromSeed(4).normalValues(60), [30, 2]);
    const probabilities = tf.tidy(() => tf.sigmoid(vae.decode(latents, tf.tensor(images, [30, PIXELS]))).dataSync());
    let [difference, variance] = [0, 0];
    for (const [index, probability] of probabilities.entries()) {
      difference += images[index]! - probability;
      variance += probability * (1 - probability);
    }
    expect(Math.abs(difference)).toBeLessThan(4 * Math.sqrt(variance));
    const likelihood = (of: Float32Array): number =>
      of.reduce(
        (sum, value, index) => sum + Math.log(value === 1 ? probabilities[index]! : 1 - probabilities[index]!),
        0,
      );
    expect(likelihood(images)).toBeGreaterThan(likelihood(images.toReversed()));
  });

  it('of a mixture have the means and weights of its components', async () => {
    const settings = config.resolve({ set: ['model.latentSize=1', 'model.priorComponents=2', 'model.hiddenSizes=4'] });
    const vae = new Vae(settings.model, RandomStream.fromSeed(1));
    vae.prior!.means.assign(tf.tensor2d([[-2], [3]]));
    vae.prior!.logVariances.assign(tf.log(tf.tensor2d([[0.01], [0.25]])));
    vae.prior!.logits.assign(tf.log(tf.tensor1d([0.3, 0.7])));
    const before = tf.memory().numTensors;
    const draw = async (deviation: number): Promise<number[]> => {
      const latents = await drawLatents(vae, 4000, RandomStream.fromSeed(7), deviation);
      const values = Array.from(await latents.data());
      latents.dispose();
      return values;
    };
    const [left, right] = [(await draw(1)).filter((z) => z < 0), (await draw(1)).filter((z) => z > 0)];
    expect(Math.abs(left.length / 4000 - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 4000));
    const [low, high] = [meanAndDeviation(left), meanAndDeviation(right)];
    expect(Math.abs(low.mean + 2)).toBeLessThan(0.02);
    expect(Math.abs(low.standardDeviation - 0.1)).toBeLessThan(0.01);
    expect(Math.abs(high.mean - 3)).toBeLessThan(0.05);
    expect(Math.abs(high.standardDeviation - 0.5)).toBeLessThan(0.04);
    // .3 · -2 + .7 · 3, and .3 (.01 + 3.5²) + .7 (.25 + 1.5²)
    const moments = await priorMoments(vae);
    expect(moments.means[0]).toBeCloseTo(1.5, 5);
    expect(moments.deviations[0]).toBeCloseTo(Math.sqrt(5.428), 5);
    const narrow = meanAndDeviation((await draw(0.1)).filter((z) => z > 0));
    expect(Math.abs(narrow.standardDeviation - 0.05)).toBeLessThan(0.004);
    expect(tf.memory().numTensors).toBe(before);
    vae.dispose();
  });

  it('of several mixtures have independent parts, each from its own mixture', async () => {
    const set = ['model.latentSize=2', 'model.priorComponents=2', 'model.priorFactors=2', 'model.hiddenSizes=4'];
    const vae = new Vae(config.resolve({ set }).model, RandomStream.fromSeed(1));
    vae.prior!.means.assign(tf.tensor2d([[-2], [3], [10], [20]]));
    vae.prior!.logVariances.assign(tf.fill([4, 1], Math.log(0.01)));
    vae.prior!.logits.assign(tf.log(tf.tensor1d([0.3, 0.7, 0.4, 0.6])));
    const latents = await drawLatents(vae, 4000, RandomStream.fromSeed(7), 1);
    const rows = (await latents.array()) as [number, number][];
    latents.dispose();
    for (const [low, high, chance] of [
      [-2, 10, 0.3 * 0.4],
      [-2, 20, 0.3 * 0.6],
      [3, 10, 0.7 * 0.4],
      [3, 20, 0.7 * 0.6],
    ] as const) {
      const near = rows.filter(([first, second]) => Math.abs(first - low) < 0.6 && Math.abs(second - high) < 0.6);
      expect(Math.abs(near.length / 4000 - chance)).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / 4000));
    }
    const moments = await priorMoments(vae);
    expect(moments.means[0]).toBeCloseTo(1.5, 5);
    expect(moments.means[1]).toBeCloseTo(16, 5);
    expect(moments.deviations[1]).toBeCloseTo(Math.sqrt(0.01 + 0.24 * 100), 5); // .4 · .6 · (20 - 10)²
    vae.dispose();
  });

  it('of the manifold lie at the quantiles, the second axis upwards', async () => {
    const vae = model(3);
    const latents = manifoldLatents(3, 2, [0, 2]);
    const grid = await decodeImages(vae, latents, RandomStream.fromSeed(1));
    expect(grid).toHaveLength(4 * PIXELS);
    const quartile = 0.6744897501960817;
    const topLeft = tf.tidy(() => tf.sigmoid(vae.decode(tf.tensor2d([[-quartile, 0, quartile]]))).dataSync());
    expect(largest(topLeft.map((value, index) => Math.abs(value - grid[index]!)))).toBeLessThan(1e-6);
  });

  it('of a posterior mean are the reconstruction', async () => {
    const vae = model(2);
    const images = tf.ones([3, PIXELS]);
    expect(tf.tidy(() => embed(vae, images).shape)).toEqual([3, 2]);
    const expected = tf.tidy(() => tf.sigmoid(vae.decode(embed(vae, images))).dataSync());
    expect([...(await reconstruct(vae, images))]).toEqual([...expected]);
  });
});
