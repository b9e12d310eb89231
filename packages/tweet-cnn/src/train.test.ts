import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { createModel, restoreModel } from './create-model.ts';
import { loadData } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { train } from './train.ts';

const settings = config.resolve({
  fast: true,
  set: [
    'data.trainingExamples=1500',
    'data.validationExamples=100',
    'data.lengths=[6,12]',
    'data.testExamples=300',
    'data.groups=2',
    'data.synonyms=2',
    'data.backgroundWords=50',
    'data.wordsPerParty=1',
    'data.phraseRate=0.3',
    'model.features=8',
    'model.filters=8',
    'model.widths=[2]',
    'training.epochs=20',
    'training.learningRate=0.02',
  ],
});

describe('training', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('comes nearer the optimum than words do, and leaks no tensors', async () => {
    const data = await loadData(settings);
    const untrained = createModel(settings, data.labels);
    const initial = await evaluate(untrained, data, data.test);
    untrained.dispose();
    const before = tf.memory().numTensors;
    const { model, result } = await train(settings, data);
    const test = await evaluate(model, data, data.test);
    expect(test).toEqual(result.metrics.test);
    expect(test.loss).toBeLessThan(initial.loss!);
    const { optimum, tfIdfWords, majority } = baselines(data);
    expect(test.accuracy).toBeGreaterThan(tfIdfWords!.accuracy!);
    expect(optimum!.accuracy).toBeGreaterThan(tfIdfWords!.accuracy!);
    expect(optimum!.loss).toBeLessThan(test.loss!);
    expect(optimum!.divergenceFromPosterior).toBeCloseTo(0, 12);
    expect(majority!.loss).toBeCloseTo(Math.log(2), 1);

    const weights = model.stateDict();
    const restored = await restoreModel(settings, weights);
    expect(await evaluate(restored, data, data.test)).toEqual(test);
    tf.dispose(weights);
    model.dispose();
    restored.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }, 120_000);
});
