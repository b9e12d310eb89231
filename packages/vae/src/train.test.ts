import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import type { MetricRecord } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { baselines, evaluate, measure } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { blobs } from './testing/blobs.ts';
import { createModel, train } from './train.ts';

const test = blobs(40, 3);
const data = { training: blobs(64, 1), validation: blobs(32, 2), test, anomalies: undefined };
const small = [
  'model.hiddenSizes=32',
  'model.channels=2,4',
  'model.featureSize=16',
  'model.latentSize=4',
  'training.batchSize=16',
  'training.learningRate=0.01',
  'training.warmupSteps=5',
  'training.logEverySteps=4',
];
const { describeOn } = await nativeGate(() => chooseBackend('tensorflow'));

describeOn(['cpu', 'tensorflow'], 'train on %s', (backend) => {
  it.each(['dense', 'convolutional'] as const)('%s learns, and leaks no tensors', async (kind) => {
    await chooseBackend(backend);
    const before = tf.memory().numTensors;
    const settings = config.resolve({ preset: kind, set: [...small, 'training.epochs=8'] });
    const records: MetricRecord[] = [];
    const listener = { onMetrics: (record: MetricRecord) => void records.push(record) };
    const { model, result } = await train(settings, data, { listeners: [listener] });
    expect(result).toMatchObject({ status: 'completed', epochs: 8, steps: 32 });
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size);
    const untrained = createModel(settings);
    const random = RandomStream.fromSeed(1);
    const [first, last] = [
      await measure(untrained, test, settings.objective, random),
      await measure(model, test, settings.objective, random),
    ];
    expect(last.loss!).toBeLessThan(0.6 * first.loss!);
    expect(last.loss!).toBeCloseTo(last.reconstruction! + last.kl!, 2);
    const validation = records.filter(({ split }) => split === 'validation').at(-1)!.metrics;
    expect(result.metrics.validation).toEqual(validation);
    expect(result.metrics.test).toEqual(await evaluate(model, test, settings));
    expect(Math.abs(validation.loss! - last.loss!)).toBeLessThan(0.3 * last.loss!);
    model.dispose();
    untrained.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the objective', () => {
  it('weights its terms with KL annealing, and logs them unweighted', async () => {
    await chooseBackend('cpu');
    const set = ['objective.klWarmupSteps=8', 'objective.klWeight=2', 'objective.centerWeight=0.5'];
    const settings = config.resolve({
      set: [...small, ...set, 'data.pixels=binarized', 'training.epochs=3', 'training.logEverySteps=1'],
    });
    const records: MetricRecord[] = [];
    const listener = { onMetrics: (record: MetricRecord) => void records.push(record) };
    const { model } = await train(settings, data, { listeners: [listener] });
    const steps = records.filter(({ split, metrics }) => split === 'train' && metrics.center !== undefined);
    expect(steps).toHaveLength(12);
    for (const { step, metrics } of steps) {
      const { loss, reconstruction, kl, center } = metrics as Record<string, number>;
      const part = Math.min(1, (step - 1) / 8);
      expect(Math.abs(loss! - (reconstruction! + 2 * part * kl! + 0.5 * center!))).toBeLessThan(1e-3 * loss!);
    }
    model.dispose();
  });
});

describe('evaluate', () => {
  it('has the standard deviation over noise seeds, and repeats with the seed', async () => {
    await chooseBackend('cpu');
    const settings = (noiseSeeds: number) => config.resolve({ set: [...small, `evaluation.noiseSeeds=${noiseSeeds}`] });
    const model = createModel(settings(3));
    const figures = await evaluate(model, test, settings(3));
    expect(Object.keys(figures).sort()).toEqual(['kl', 'loss', 'lossStandardDeviation', 'reconstruction']);
    expect(figures.lossStandardDeviation).toBeGreaterThan(0);
    expect(await evaluate(model, test, settings(3))).toEqual(figures);
    expect((await evaluate(model, test, settings(1))).lossStandardDeviation).toBeUndefined();
    model.dispose();
  });

  it('ranks its baselines in the right order', () => {
    const { pixelMean, uniform, perfectReconstruction } = baselines(data.training, test);
    expect(uniform!.loss).toBeCloseTo(784 * Math.LN2, 9);
    expect(pixelMean!.loss).toBeLessThan(uniform!.loss!);
    expect(perfectReconstruction!.reconstruction).toBeLessThan(pixelMean!.loss!);
    expect(perfectReconstruction!.reconstruction).toBeGreaterThan(0);
  });
});

describe('drawFigures', () => {
  it.each([2, 4])('draws all figures of %i latents, and leaks no tensors', async (latentSize) => {
    await chooseBackend('cpu');
    const model = createModel(config.resolve({ set: [...small, `model.latentSize=${latentSize}`] }));
    const before = tf.memory().numTensors;
    const figures = await drawFigures(model, test, 0);
    expect(Object.keys(figures).sort()).toEqual([
      'interpolations',
      'latent-manifold',
      'latent-scatter',
      'reconstructions',
      'samples',
      'traversals',
    ]);
    for (const { png } of Object.values(figures)) expect([...png.subarray(1, 4)]).toEqual([0x50, 0x4e, 0x47]);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});
