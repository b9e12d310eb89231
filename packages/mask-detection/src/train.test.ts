import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { generatePoints } from './data.ts';
import { baselines, evaluate } from './evaluate.ts';
import { createModel, restoreModel, train } from './train.ts';

describe('training', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('comes near the optimum, and leaks no tensors', async () => {
    const settings = config.resolve({ fast: true });
    const data = generatePoints(settings);
    const untrained = createModel(settings);
    const initial = await evaluate(untrained, data.test);
    untrained.dispose();
    const before = tf.memory().numTensors;
    const { model, result } = await train(settings, data);
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size);
    const test = await evaluate(model, data.test);
    expect(test).toEqual(result.metrics.test);
    expect(test.loss).toBeLessThan(initial.loss! / 3);
    const { optimum, majority } = baselines(data, settings.data.noise);
    expect(test.accuracy).toBeGreaterThan(optimum!.accuracy - 0.02);
    expect(test.accuracy).toBeGreaterThan(majority!.accuracy + 0.3);

    const weights = model.stateDict();
    const restored = restoreModel(settings, weights);
    expect(await evaluate(restored, data.test)).toEqual(test);
    tf.dispose(weights);
    model.dispose();
    restored.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
