import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { generateSymbols } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { restoreModel, train } from './train.ts';

const hasNative = await chooseBackend('tensorflow').then(
  () => true,
  () => false,
);

describe('training', () => {
  it('comes near the optimum, and leaks no tensors', async () => {
    await chooseBackend(hasNative ? 'tensorflow' : 'cpu');
    const settings = config.resolve({
      set: [
        'data.delay=3',
        'data.length=40000',
        'model.window=12',
        'model.units=16',
        'training.steps=300',
        'training.stepsPerCall=1',
        'training.learningRate=0.005',
        'training.headRateFactor=30',
        'training.batchSize=32',
      ],
    });
    const data = generateSymbols(settings);
    const before = tf.memory().numTensors;
    const { model, result } = await train(settings, data);
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size);
    const { optimum, persistence, linear } = baselines(data, 2);
    const test = await evaluate(model, data.test, data.chain);
    expect(test).toEqual(result.metrics.test);
    expect(test.loss! - optimum!.loss).toBeLessThan(0.05);
    expect(test.loss! - optimum!.loss).toBeGreaterThan(-0.002);
    expect(optimum!.accuracy - test.accuracy!).toBeLessThan(0.01);
    // Two symbols say nothing about a chain with a delay of three.
    expect(linear!.loss).toBeGreaterThan(test.loss! + 0.3);
    expect(persistence!.loss).toBeGreaterThan(test.loss! + 0.3);
    const weights = model.stateDict();
    const restored = restoreModel(settings, data, weights);
    expect(await evaluate(restored, data.test, data.chain)).toEqual(test);
    tf.dispose(weights);
    model.dispose();
    restored.dispose();
  });
});

describe('data', () => {
  it('need a window that is longer than the delay, and enough symbols for one in each part', () => {
    const settings = (set: string[]) => config.resolve({ set });
    expect(() => generateSymbols(settings(['data.delay=150']))).toThrow(
      'model.window: expected more than the delay of 150',
    );
    expect(() => generateSymbols(settings(['data.length=900']))).toThrow(
      'data.length: expected at least a window of 130 steps',
    );
  });
});
