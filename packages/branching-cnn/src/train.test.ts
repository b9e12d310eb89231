import { RandomStream } from '@motley/core';
import { DOODLE_NAMES } from '@motley/core/generators';
import { chooseBackend } from '@motley/core/node';
import type { MetricRecord } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { config, type BranchingConfig } from './config.ts';
import { loadData, treeBatches, type BranchingData } from './data.ts';
import { evaluate, measure } from './evaluate.ts';
import { smallConfig } from './testing/small.ts';
import { createModel, train } from './train.ts';

const { describeNative, describeOn } = await nativeGate(() => chooseBackend('tensorflow'));
const doodles = [
  'data.kind=doodles',
  'data.imageSize=16',
  'data.generatedExamples=130',
  'data.generatedTestExamples=100',
  'data.validationExamples=50',
];
const training = [
  'training.batchSize=4',
  'training.learningRate=0.05',
  'training.warmupSteps=5',
  'training.logEverySteps=10',
  'training.stepsPerCall=4',
];

async function setting(...set: string[]): Promise<{ settings: BranchingConfig; data: BranchingData }> {
  const settings = smallConfig(...doodles, ...training, ...set);
  return { settings, data: await loadData(settings) };
}

describeOn(['cpu', 'tensorflow'], 'train on %s', (backend) => {
  const batchSize = { cpu: 4, tensorflow: 1 }[backend];
  it(`learns in batches of ${batchSize}, and leaks no tensors`, async () => {
    await chooseBackend(backend);
    const { settings, data } = await setting(
      `training.batchSize=${batchSize}`,
      'training.epochs=3',
      `training.learningRate=${0.01 * batchSize}`,
    );
    const before = tf.memory().numTensors;
    const records: MetricRecord[] = [];
    const listener = { onMetrics: (record: MetricRecord) => void records.push(record) };
    const { model, result } = await train(settings, data, { listeners: [listener] });
    expect(result).toMatchObject({ status: 'completed', epochs: 3 });
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size);
    const untrained = createModel(settings);
    const [first, last] = [
      await measure(untrained, data.validation, settings),
      await measure(model, data.validation, settings),
    ];
    expect(last.loss!).toBeLessThan(0.8 * first.loss!);
    expect(last.loss).toBeCloseTo(last.branch! + last.router!, 3);
    expect(result.metrics.validation).toEqual(records.filter(({ split }) => split === 'validation').at(-1)!.metrics);
    const test = await evaluate(model, data.test, settings);
    expect(result.metrics.test).toEqual(test);
    expect(test.accuracy).toBeLessThanOrEqual(test.routingAccuracy!);
    model.dispose();
    untrained.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }, 60_000);
});

describeNative('compiled', () => {
  it.each([1, 6])('training in batches of %i has the loss of uncompiled training', async (batchSize) => {
    await chooseBackend('tensorflow');
    const { compile } = await import('@motley/tensorflow');
    const { settings, data } = await setting(`training.batchSize=${batchSize}`, 'training.steps=12');
    const losses = async (context: Parameters<typeof train>[2]): Promise<number> => {
      const { model, result } = await train(settings, data, context);
      model.dispose();
      return result.metrics.validation!.loss!;
    };
    const eager = await losses({});
    const compiled = await losses({
      compile: (step, _, stepsPerCall = 1) => compile(step, { engine: 'grappler', stepsPerCall }),
    });
    expect(Math.abs(compiled - eager)).toBeLessThan(1e-4 * eager);
  });
});

describe('the data', () => {
  it('are the same for the same seed, with labels that match the tree', async () => {
    const { settings, data } = await setting();
    const again = await loadData(settings);
    expect(again.training).toEqual(data.training);
    expect([data.training.count, data.validation.count, data.test.count]).toEqual([80, 50, 100]);
    expect(data.tree.classNames).toEqual(DOODLE_NAMES);
    for await (const batch of treeBatches(data.test, data, { batchSize: 100 }).batches(0)) {
      expect(batch.images.shape).toEqual([100, 16, 16, 1]);
      expect(tf.max(batch.images).dataSync()[0]).toBe(1);
      const [groups, positions] = [batch.groups.dataSync(), batch.positions.dataSync()];
      for (const [row, label] of data.test.labels.entries())
        expect(data.tree.members[groups[row]!]![positions[row]!]).toBe(label);
      tf.dispose(batch);
    }
  });

  it('are flipped and shifted differently in each epoch', async () => {
    const { data } = await setting();
    const random = RandomStream.fromSeed(1);
    const sums = async (epoch: number): Promise<number[]> => {
      const values: number[] = [];
      for await (const batch of treeBatches(data.training, data, {
        batchSize: 80,
        random,
        shift: 4,
        flip: true,
      }).batches(epoch)) {
        expect(batch.images.shape).toEqual([80, 16, 16, 1]);
        for (const value of tf.tidy(() => tf.mean(batch.images, [0, 3]).dataSync())) values.push(value);
        tf.dispose(batch);
      }
      return values;
    };
    const first = await sums(0);
    expect(await sums(0)).toEqual(first);
    expect(await sums(1)).not.toEqual(first);
  });

  it('refuse a validation split of all images, and a wrong --data', async () => {
    const settings = config.resolve({ set: ['data.validationExamples=60000'] });
    await expect(loadData(settings)).rejects.toThrow('data.validationExamples: expected fewer than the 60000 training');
    await expect(loadData(config.resolve({ preset: 'doodles' }), '/tmp')).rejects.toThrow('--data: expected none');
    await expect(loadData(config.resolve({ preset: 'cifar10' }), '/nowhere')).rejects.toThrow(
      /\/nowhere: expected the folder cifar-10-batches-bin or cifar-10-binary.tar.gz/,
    );
  });
});
