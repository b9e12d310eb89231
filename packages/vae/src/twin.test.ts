import { RandomStream, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { smallest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { vaeLoss, type VaeLoss } from './loss.ts';
import { PIXELS, Vae } from './model.ts';
import reference from './reference.json' with { type: 'json' };

const BATCH = 3;
const LATENTS = 2;
const sizes = ['model.latentSize=2', 'model.hiddenSizes=6,5', 'model.channels=2,3', 'model.featureSize=4'];
const settingsOf = (...set: readonly string[]) => config.resolve({ set: [...sizes, ...set] });
const settings = settingsOf().model;
const neighbors = ['model.kind=convolutional', 'model.neighborChannels=3'];
const CASES = {
  dense: settingsOf(),
  convolutional: settingsOf('model.kind=convolutional'),
  autoencoder: settingsOf('model.posterior=point'),
  importance: settingsOf('objective.importanceSamples=4'),
  mixture: settingsOf('model.priorComponents=5'),
  importanceOfMixture: settingsOf('model.priorComponents=5', 'objective.importanceSamples=4'),
  mixtures: settingsOf('model.priorComponents=5', 'model.priorFactors=2'),
  neighbors: settingsOf(...neighbors),
  importanceOfNeighbors: settingsOf(...neighbors, 'objective.importanceSamples=4'),
};

/** Values of `reference.py`: sin(0.37 i + seed) · scale. */
function formula(seed: number, shape: readonly number[], scale: number): tf.Tensor {
  const count = tf.util.sizeFromShape([...shape]);
  const values = Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.37 + seed) * scale);
  return tf.tensor(values, [...shape]);
}

interface Reference {
  readonly mean: number[];
  readonly logVariance?: number[];
  readonly terms: Readonly<Record<string, number>>;
  readonly gradients: Readonly<
    Record<string, { readonly shape: number[]; readonly norm: number; readonly projection: number }>
  >;
}

const expectClose = (found: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries())
    expect(Math.abs(found[index]! - value)).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
};

/** Noise of `reference.py` in place of random noise. */
const formulaNoise = { normal: (shape: readonly number[]) => formula(200, shape, 1.5), uniform: () => tf.zeros([0]) };

describe.each(Object.keys(CASES) as (keyof typeof CASES)[])('%s', (name) => {
  const { model: modelSettings, objective } = CASES[name];
  const { importanceSamples } = objective;
  // Importance weights are exponentials of sums of 784 terms, and have fewer digits.
  const tolerance = importanceSamples > 1 ? 2e-4 : 2e-5;
  const create = (): Vae => new Vae(modelSettings, RandomStream.fromSeed(0));
  beforeAll(() => chooseBackend('cpu'));

  it('has the same terms and gradients as its twin in PyTorch', () => {
    const expected: Reference = reference[name];
    const model = create();
    tf.tidy(() => {
      const shapes = Object.entries(model.stateDict()).map(([name, { shape }]) => [name, shape] as const);
      expect(shapes).toEqual(Object.entries(expected.gradients).map(([name, { shape }]) => [name, shape]));
      model.loadStateDict(Object.fromEntries(shapes.map(([name, shape], index) => [name, formula(index, shape, 0.2)])));
      const images = tf.add(formula(100, [BATCH, PIXELS], 0.5), 0.5);
      const { mean, logVariance } = model.encode(images);
      expectClose(mean.dataSync(), expected.mean, 1e-5);
      expectClose(logVariance?.dataSync() ?? [], expected.logVariance ?? [], 1e-5);
      const loss = (): VaeLoss =>
        vaeLoss(model.forward(images, formulaNoise, importanceSamples), { images }, objective);
      const { terms, gradients } = valueAndGradients(loss, model.namedParameters());
      expect(Object.keys(terms).sort()).toEqual(Object.keys(expected.terms).sort());
      for (const [term, value] of Object.entries(expected.terms)) expectClose(terms[term]!.dataSync(), [value], 1e-5);

      for (const [name, parameter] of model.namedParameters()) parameter.assign(gradients[name]!);
      const inPyTorch = model.stateDict();
      for (const [name, { shape, norm, projection }] of Object.entries(expected.gradients)) {
        const gradient = inPyTorch[name]!;
        expectClose(tf.norm(gradient).dataSync(), [norm], tolerance);
        const product = tf.sum(tf.mul(gradient, formula(300, shape, 1))).dataSync();
        expect(Math.abs(product[0]! - projection)).toBeLessThan(2.5 * tolerance * Math.max(1, norm));
      }
    });
    model.dispose();
  });

  it('has outputs of the documented shapes', () => {
    const model = create();
    tf.tidy(() => {
      const output = model.forward(tf.ones([4, PIXELS]), RandomStream.fromSeed(1), importanceSamples);
      expect(output.mean.shape).toEqual([4, LATENTS]);
      expect(output.logVariance?.shape).toEqual(modelSettings.posterior === 'point' ? undefined : [4, LATENTS]);
      expect(output.latents.shape).toEqual([4 * importanceSamples, LATENTS]);
      expect(output.logits.shape).toEqual([4 * importanceSamples, PIXELS]);
    });
    model.dispose();
  });

  it('leaks no tensors', () => {
    const before = tf.memory().numTensors;
    const model = create();
    const images = tf.ones([2, PIXELS]);
    const random = RandomStream.fromSeed(1);
    const loss = (): VaeLoss => vaeLoss(model.forward(images, random, importanceSamples), { images }, objective);
    const result = valueAndGradients(loss, model.namedParameters());
    tf.dispose([images, result.terms, result.gradients]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('sample', () => {
  it('shifts and scales the noise by the posterior', () => {
    tf.tidy(() => {
      const model = new Vae(settings, RandomStream.fromSeed(0));
      const posterior = { mean: tf.tensor2d([[1, -2]]), logVariance: tf.tensor2d([[0, 2 * Math.log(3)]]) };
      const [first, second] = RandomStream.fromSeed(5).normalValues(2);
      const latents = model.sample(posterior, RandomStream.fromSeed(5)).dataSync();
      expectClose(latents, [1 + first!, -2 + 3 * second!], 1e-5);
    });
  });
});

describe('neighbors', () => {
  it('exclude a pixel itself and all after it', () => {
    const model = new Vae(CASES.neighbors.model, RandomStream.fromSeed(3));
    tf.tidy(() => {
      const latents = tf.ones([1, LATENTS]);
      const pixel = 300;
      const images = (value: number): tf.Tensor =>
        tf.tensor(
          Float32Array.from({ length: PIXELS }, (_, index) => (index === pixel ? value : (index % 7) / 7)),
          [1, PIXELS],
        );
      const [dark, lit] = [0, 1].map((value) => model.decode(latents, images(value)).dataSync());
      const changed = Array.from(dark!.keys()).filter((index) => dark![index] !== lit![index]);
      expect(smallest(changed)).toBe(pixel + 1);
      expect(changed.length).toBe(4 + 4 * 9);
    });
    model.dispose();
  });
});
