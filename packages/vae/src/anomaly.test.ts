import { chooseBackend } from '@motley/core/node';
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { areaUnderCurve, findAnomalies } from './anomaly.ts';
import { ComplexityFit } from './complexity.ts';
import { config } from './config.ts';
import { take } from './data.ts';
import { blobs } from './testing/blobs.ts';
import { createModel, train } from './train.ts';

describe('areaUnderCurve', () => {
  it('is the fraction of ordered pairs, ties counting half', () => {
    expect(areaUnderCurve([1, 2, 3], [4, 5])).toBe(1);
    expect(areaUnderCurve([4, 5], [1, 2, 3])).toBe(0);
    expect(areaUnderCurve([1, 3], [2, 4])).toBe(0.75);
    expect(areaUnderCurve([1, 2], [2, 2])).toBe(0.75);
    expect(areaUnderCurve([7, 7], [7])).toBe(0.5);
  });
});

describe('ComplexityFit', () => {
  it('removes the effect of ink and outline from scores, and nothing else', () => {
    const digits = blobs(300, 4);
    const inkOf = (image: number): number =>
      digits.images.subarray(image * 784, (image + 1) * 784).reduce((sum, value) => sum + value, 0) / 255;
    const plain = Float64Array.from({ length: 300 }, (_, image) => 2 * inkOf(image) ** 0.7);
    const scores = plain.map((score, image) => (image % 10 === 0 ? 1.5 * score : score));
    const adjusted = new ComplexityFit(digits, plain).adjusted(digits, scores);
    for (const [image, score] of adjusted.entries())
      expect(Math.abs(score - (image % 10 === 0 ? Math.log(1.5) : 0))).toBeLessThan(0.01);
  });
});

describe('findAnomalies', () => {
  beforeAll(() => chooseBackend('wasm'));

  const split = (seed: number, count: number) => {
    const digits = blobs(count, seed);
    const pick = (isAnomalous: boolean) =>
      take(
        digits,
        Array.from(digits.labels.keys()).filter((index) => (digits.labels[index] === 3) === isAnomalous),
      );
    return { normal: pick(false), anomalous: pick(true) };
  };
  const set = ['model.hiddenSizes=32', 'model.latentSize=3', 'training.batchSize=16', 'training.learningRate=0.01'];

  it.each(['point', 'normal'])(
    'finds discs at a place without training images, with a %s posterior',
    async (posterior) => {
      const settings = config.resolve({
        set: [...set, `model.posterior=${posterior}`, 'data.heldOutDigit=3', 'training.epochs=12'],
      });
      const [training, validation, test] = [split(1, 200), split(2, 40), split(3, 100)];
      const data = {
        training: training.normal,
        validation: validation.normal,
        test: test.normal,
        anomalies: test.anomalous,
      };
      const { model } = await train(settings, data);
      const before = tf.memory().numTensors;
      const { areas, figures } = await findAnomalies(model, data, settings);
      expect(tf.memory().numTensors).toBe(before);
      const likelihood = posterior === 'point' ? [] : ['likelihood'];
      const names = ['reconstruction', ...likelihood, 'novelty', 'nearest'];
      const adjusted = (name: string): string => `adjusted${name[0]!.toUpperCase()}${name.slice(1)}`;
      expect(Object.keys(areas)).toEqual(names.flatMap((name) => [name, adjusted(name)]));
      for (const name of names) expect(areas[name]).toBeGreaterThan(0.7);
      expect(Object.keys(figures)).toEqual(
        names.flatMap((name) => [`anomalies-by-${name}`, `anomalies-by-adjusted-${name}`]),
      );
      model.dispose();
    },
  );

  it('rejects a model trained on all digits, and a digit that was not held out', async () => {
    const all = config.resolve({ set });
    const model = createModel(all);
    const { normal, anomalous } = split(1, 20);
    const withoutAnomalies = { training: normal, validation: normal, test: normal, anomalies: undefined };
    await expect(findAnomalies(model, withoutAnomalies, all)).rejects.toThrow(
      /^data\.heldOutDigit: expected a model trained without one digit, got one trained on all ten/,
    );
    const without3 = config.resolve({ set: [...set, 'data.heldOutDigit=3'] });
    const wrong = findAnomalies(model, { ...withoutAnomalies, anomalies: anomalous }, without3, 4);
    await expect(wrong).rejects.toThrow('--digit: expected 3, the digit that this run held out, got 4');
    await expect(wrong).rejects.toBeInstanceOf(UserError);
    model.dispose();
  });
});
