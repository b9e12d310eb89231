import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { modelSchema, type ModelConfig } from './config.ts';
import { lockedDropout } from './locked-dropout.ts';
import { ListenAttendSpell } from './model.ts';
import { FEATURES, formula, settingsOf } from './testing/reference.ts';

beforeAll(() => chooseBackend('cpu'));
beforeEach(() => {
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  tf.disposeVariables();
});

const network = (fields: Partial<ModelConfig> = {}): ListenAttendSpell =>
  new ListenAttendSpell(settingsOf(fields), RandomStream.fromSeed(1));

const frames = (time: number): tf.Tensor => formula(1, [2, time, FEATURES], 1);
const lengths = (...values: number[]): tf.Tensor => tf.tensor1d(values, 'int32');

describe('the listener', () => {
  it.each([
    [10, 0, 1, [10, 7], 10],
    [10, 1, 1, [5, 4], 5],
    [10, 2, 1, [3, 2], 3],
    [10, 3, 1, [2, 1], 2],
    [11, 2, 1, [3, 2], 3],
    [10, 1, 3, [2, 2], 2],
    [1, 3, 2, [1, 1], 1],
  ])(
    'has of %d frames, by %d pyramid layers and %d frames per step, steps %j',
    (time, pyramidLayers, framesPerStep, found, steps) => {
      const model = network({ pyramidLayers, framesPerStep });
      const heard = model.listen(frames(time), lengths(time, Math.min(time, 7)));
      expect(model.framesPerOutput).toBe(framesPerStep * 2 ** pyramidLayers);
      expect([...heard.lengths.dataSync()]).toEqual(found);
      expect(heard.lengths.dtype).toBe('int32');
      expect(heard.values.shape).toEqual([2, steps, 6]);
      expect(steps).toBe(Math.ceil(time / model.framesPerOutput));
      for (const [sentence, rows] of (heard.values.arraySync() as number[][][]).entries())
        for (const [step, row] of rows.entries())
          expect(row.every((value) => value === 0)).toBe(step >= found[sentence]!);
    },
  );

  it('drops the same features at every step, others in other sentences', () => {
    const model = network({ dropout: 0.5, pyramidLayers: 0 });
    const batch = 8;
    const sentences = formula(1, [batch, 6, FEATURES], 1);
    const { values } = model.listen(sentences, tf.fill([batch], 6, 'int32'), RandomStream.fromSeed(5));
    const patterns = (values.arraySync() as number[][][]).map((rows) =>
      rows.map((row) => row.map((value) => (value === 0 ? '-' : '+')).join('')),
    );
    for (const steps of patterns) expect(new Set(steps).size).toBe(1);
    expect(new Set(patterns.map(([first]) => first)).size).toBeGreaterThan(batch / 2);
  });

  it('needs noise for dropout in training, and none in evaluation', () => {
    const model = network({ dropout: 0.2 });
    const listen = () => model.listen(frames(4), lengths(4, 4));
    expect(listen).toThrow("dropout 0.2: expected the step's random, got none");
    model.eval();
    const { values } = listen();
    expect(lockedDropout(values, model.dropout, undefined)).toBe(values);
  });
});

describe('the network', () => {
  it('has a speller, a CTC head, or both', () => {
    const both = network();
    const [attention, ctc] = [network({ heads: 'attention' }), network({ heads: 'ctc' })];
    expect([attention.ctc, ctc.speller]).toEqual([undefined, undefined]);
    const namesOf = (model: ListenAttendSpell) => [...model.namedParameters().keys()];
    expect(namesOf(attention)).toEqual(namesOf(both).filter((name) => !name.startsWith('ctc.')));
    expect(namesOf(ctc)).toEqual(namesOf(both).filter((name) => !name.startsWith('speller.')));
  });

  it('has as many parameters as its equations', () => {
    const [features, units, spellerUnits, embedding, size, filters, radius, letters] = [
      80, 128, 256, 128, 128, 10, 10, 31,
    ];
    const model = new ListenAttendSpell(
      modelSchema.parse({ features, alphabetSize: letters }),
      RandomStream.fromSeed(0),
    );
    const lstm = (inputs: number, outputs: number): number => 4 * outputs * (inputs + outputs + 2);
    const linear = (inputs: number, outputs: number): number => outputs * (inputs + 1);
    const listener = 2 * (lstm(2 * features, units) + lstm(4 * units, units));
    const cells = lstm(embedding + 2 * units, spellerUnits) + lstm(spellerUnits, spellerUnits);
    const attention =
      spellerUnits * size + linear(2 * units, size) + (2 * radius + 1) * filters + filters * size + size;
    const heads = linear(spellerUnits + 2 * units, embedding) + linear(embedding, letters) + linear(2 * units, letters);
    expect(model.parameterCount()).toBe(listener + letters * embedding + cells + attention + heads);
  });

  it('depends on its seed alone', () => {
    const weights = (seed: number) => {
      const model = new ListenAttendSpell(settingsOf(), RandomStream.fromSeed(seed));
      return [...model.namedParameters().values()].map((variable) => [...variable.dataSync()]);
    };
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
  });

  it('leaks no tensors', () => {
    const [given, counts] = [frames(6), lengths(6, 5)];
    const before = tf.memory().numTensors;
    const model = network();
    tf.tidy(() => void model.listen(given, counts));
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['dropout', 1],
    ['pyramidLayers', 6],
    ['listenerUnits', 0],
    ['alphabetSize', 3],
  ])('refuses %s %d', (field, value) => {
    const { success } = modelSchema.safeParse({ ...settingsOf(), [field]: value });
    expect(success).toBe(false);
  });
});
