import { RandomStream, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { vaeLoss, type VaeLoss } from './loss.ts';
import { PIXELS, Vae } from './model.ts';
import reference from './reference.json' with { type: 'json' };

const BATCH = 3;
const LATENTS = 2;
const settings = config.resolve({
  set: ['model.latentSize=2', 'model.hiddenSizes=6,5', 'model.channels=2,3', 'model.featureSize=4'],
}).model;

/** sin(0.37 i + seed) · scale: the values of `reference.py`. */
function formula(seed: number, shape: readonly number[], scale: number): tf.Tensor {
  const count = tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.37 + seed) * scale);
  return tf.tensor(values, [...shape]);
}
const expectClose = (found: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries())
    expect(Math.abs(found[index]! - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
};

describe.each(['dense', 'convolutional'] as const)('%s', (kind) => {
  beforeAll(() => chooseBackend('cpu'));

  it('has the terms and gradients of its twin in PyTorch', () => {
    const expected = reference[kind];
    const model = new Vae({ ...settings, kind }, RandomStream.fromSeed(0));
    tf.tidy(() => {
      const shapes = Object.entries(model.stateDict()).map(([name, { shape }]) => [name, shape] as const);
      expect(shapes).toEqual(Object.entries(expected.gradients).map(([name, { shape }]) => [name, shape]));
      model.loadStateDict(Object.fromEntries(shapes.map(([name, shape], index) => [name, formula(index, shape, 0.2)])));
      const images = tf.add(formula(100, [BATCH, PIXELS], 0.5), 0.5);
      const noise = formula(200, [BATCH, LATENTS], 1.5);
      const loss = (): VaeLoss => {
        const posterior = model.encode(images);
        const latents = tf.add(posterior.mean, tf.mul(tf.exp(tf.mul(posterior.logVariance, 0.5)), noise));
        return vaeLoss({ ...posterior, logits: model.decode(latents) }, images);
      };
      const { mean, logVariance } = model.encode(images);
      expectClose(mean.dataSync(), expected.mean, 1e-5);
      expectClose(logVariance.dataSync(), expected.logVariance, 1e-5);
      const { terms, gradients } = valueAndGradients(loss, model.namedParameters());
      for (const term of ['loss', 'reconstruction', 'kl'] as const)
        expectClose(terms[term]!.dataSync(), [expected[term]], 1e-5);

      for (const [name, parameter] of model.namedParameters()) parameter.assign(gradients[name]!);
      const inPyTorch = model.stateDict();
      for (const [name, { shape, norm, projection }] of Object.entries(expected.gradients)) {
        const gradient = inPyTorch[name]!;
        expectClose(tf.norm(gradient).dataSync(), [norm], 2e-5);
        const product = tf.sum(tf.mul(gradient, formula(300, shape, 1))).dataSync();
        expect(Math.abs(product[0]! - projection)).toBeLessThan(5e-5 * Math.max(1, norm));
      }
    });
    model.dispose();
  });

  it('keeps to its shapes', () => {
    const model = new Vae({ ...settings, kind }, RandomStream.fromSeed(0));
    tf.tidy(() => {
      const { mean, logVariance, logits } = model.forward(tf.ones([4, PIXELS]), RandomStream.fromSeed(1));
      expect([mean.shape, logVariance.shape, logits.shape]).toEqual([
        [4, LATENTS],
        [4, LATENTS],
        [4, PIXELS],
      ]);
    });
    model.dispose();
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const model = new Vae({ ...settings, kind }, RandomStream.fromSeed(0));
    const images = tf.ones([2, PIXELS]);
    const random = RandomStream.fromSeed(1);
    const result = valueAndGradients(() => vaeLoss(model.forward(images, random), images), model.namedParameters());
    tf.dispose([images, result.terms, result.gradients]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('sample', () => {
  it('moves and stretches the noise by the posterior', () => {
    tf.tidy(() => {
      const model = new Vae(settings, RandomStream.fromSeed(0));
      const posterior = { mean: tf.tensor2d([[1, -2]]), logVariance: tf.tensor2d([[0, 2 * Math.log(3)]]) };
      const [first, second] = RandomStream.fromSeed(5).normalValues(2);
      const latents = model.sample(posterior, RandomStream.fromSeed(5)).dataSync();
      expectClose(latents, [1 + first!, -2 + 3 * second!], 1e-5);
    });
  });
});
