import { Lstm, RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import type { LstmInitialization } from './initialization.ts';
import { symbolLoss } from './loss.ts';
import { SymbolPredictor } from './model.ts';
import { predictNext } from './predict.ts';

function predictor(symbols: number, units: number, initialization: LstmInitialization, window = 100): SymbolPredictor {
  return new SymbolPredictor({ units, window, initialization }, symbols, RandomStream.fromSeed(3));
}

describe('initialization', () => {
  beforeAll(() => chooseBackend('cpu'));

  it("pytorch: has the values of core's LSTM", () => {
    const model = predictor(2, 5, 'pytorch');
    const lstm = new Lstm(2, 5, { random: RandomStream.fromSeed(3).fork('lstm') });
    for (const [name, values] of lstm.namedParameters())
      expect(model.lstm.namedParameters().get(name)!.dataSync()).toEqual(values.dataSync());
    model.dispose();
    lstm.dispose();
  });

  it('chrono: forget gates keep for 1 to the longest delay, and input gates let in as much as they forget', () => {
    const model = predictor(2, 200, 'chrono');
    const bias = model.lstm.namedParameters().get('bias_ih_l0')!.dataSync();
    const [input, forget] = [bias.slice(0, 200), bias.slice(200, 400)];
    for (const [unit, value] of forget.entries()) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(Math.log(99));
      expect(input[unit]).toBe(-value);
    }
    expect(largest(forget)).toBeGreaterThan(Math.log(80));
    model.dispose();
  });

  it('cyclic: an input moves one unit further at every step', () => {
    const model = predictor(3, 40, 'cyclic');
    const symbols = [0, 1, 2, 1, 1, 0, 2, 0, 2, 2, 1, 0, 1, 2, 0];
    const inputs = tf.oneHot(tf.tensor2d(symbols, [1, 15], 'int32'), 3);
    const { output, hidden: last, cell } = model.lstm.forward(tf.cast(inputs, 'float32'));
    const hidden = last.dataSync();
    // An input starts at about a half, and tanh takes a little at each step.
    const signOf = (unit: number): number => (Math.abs(hidden[unit]!) < 0.05 ? 0 : Math.sign(hidden[unit]!));
    for (const [ago, symbol] of symbols.toReversed().entries()) {
      expect(signOf(ago)).toBe([1, 0, -1][symbol]);
      expect(signOf(20 + ago)).toBe([0, 1, -1][symbol]);
    }
    tf.dispose([inputs, output, last, cell]);
    model.dispose();
  });
});

describe('the predictor', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('has the right shapes, and reads no later symbol', () => {
    tf.tidy(() => {
      const { model: shape } = config.resolve({ set: ['model.units=8'] });
      const model = new SymbolPredictor(shape, 4, RandomStream.fromSeed(0));
      const [first, second] = [
        [0, 1, 2, 3, 1],
        [0, 1, 2, 0, 0],
      ].map((symbols) => model.forward(tf.tensor2d(symbols, [1, 5], 'int32')));
      expect(first!.shape).toEqual([1, 5, 4]);
      const [a, b] = [first!.dataSync(), second!.dataSync()];
      expect(a.slice(0, 12)).toEqual(b.slice(0, 12));
      expect(a.slice(12)).not.toEqual(b.slice(12));
      model.dispose();
    });
  });

  it('predicts the symbol after a sequence, and leaks no tensors', async () => {
    const model = predictor(3, 8, 'pytorch');
    const before = tf.memory().numTensors;
    const probabilities = await predictNext(model, Int32Array.of(0, 2, 1));
    expect(probabilities).toHaveLength(3);
    expect(probabilities.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 6);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

describe('symbolLoss', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('counts only the steps from the delay on', () => {
    tf.tidy(() => {
      const logits = tf.tensor3d([
        [
          [9, 0],
          [0, 9],
          [0, 9],
        ],
      ]);
      const next = tf.tensor2d([[1, 1, 0]], [1, 3], 'int32');
      const sure = Math.log1p(Math.exp(-9));
      const { loss, accuracy } = symbolLoss(logits, next, 1);
      expect(loss.dataSync()[0]).toBeCloseTo((sure + sure + 9) / 2, 4);
      expect(accuracy.dataSync()[0]).toBe(0.5);
    });
  });
});
