import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { traceCells } from './cells.ts';
import { config } from './config.ts';
import { createModel } from './create-model.ts';
import type { TextData } from './data.ts';
import { baselines, measure, surprisals } from './evaluate.ts';
import { correlationOf, FEATURES, interpretableUnits } from './interpretable-units.ts';
import { bitsPerCharacter, surprisal } from './loss.ts';
import { tokenizerOf } from './vocabulary.ts';

const vocabulary = Int32Array.from('abcde\n', (character) => character.codePointAt(0)!);
const settings = config.resolve({ set: ['model.units=6'] });
const draw = (length: number, seed = 1) => RandomStream.fromSeed(seed).integers(length, 0, vocabulary.length);

const data: TextData = {
  vocabulary,
  tokenizer: tokenizerOf(vocabulary, 'character'),
  training: draw(2000),
  validation: draw(400, 2),
  symbolsPerCharacter: 1,
  entropyRate: 1.5,
};

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('surprisals', () => {
  it('of parallel streams equal those of one stream, up to the truncated context', async () => {
    const model = createModel(settings, vocabulary).eval();
    const symbols = draw(1200);
    const before = tf.memory().numTensors;
    const found = await surprisals(model, symbols);
    expect(tf.memory().numTensors).toBe(before);
    const expected = tf.tidy(() => {
      const { logits } = model.forward(tf.tensor2d(symbols.slice(0, -1), [1, 1199], 'int32'), model.initialStates(1));
      return surprisal(logits, tf.tensor2d(symbols.slice(1), [1, 1199], 'int32')).dataSync();
    });
    expect(found).toHaveLength(1199);
    expect(largest(found.map((value, index) => Math.abs(value - expected[index]!)))).toBeLessThan(1e-5);
    model.dispose();
  });

  it('average to the validation loss, in nats and bits', async () => {
    const model = createModel(settings, vocabulary).eval();
    const found = await surprisals(model, Int32Array.from([data.training.at(-1)!, ...data.validation]));
    const loss = found.reduce((sum, value) => sum + value, 0) / 400;
    expect(await measure(model, data)).toEqual({ loss, bitsPerCharacter: loss / Math.LN2 });
    expect(bitsPerCharacter(Math.LN2, 2)).toBe(2);
    model.dispose();
  });
});

it('baselines of uniform random text equal the entropy of a fair die', () => {
  const { unigram, bigram, fiveGram, entropyRate } = baselines(data);
  expect(unigram!.loss).toBeCloseTo(Math.log(6), 1);
  expect(bigram!.loss! - unigram!.loss!).toBeLessThan(0.1);
  expect(fiveGram!.loss).toBeGreaterThan(unigram!.loss!);
  expect(entropyRate).toEqual({ loss: 1.5, bitsPerCharacter: 1.5 / Math.LN2 });
});

describe('cells', () => {
  it('are recorded after each symbol, for all layers', async () => {
    const model = createModel(settings, vocabulary).eval();
    const before = tf.memory().numTensors;
    const symbols = draw(20);
    const layers = await traceCells(model, symbols);
    expect(tf.memory().numTensors).toBe(before);
    expect(layers.map(({ length }) => length)).toEqual([120, 120]);
    const last = tf.tidy(() => {
      const { states } = model.forward(tf.tensor2d(symbols, [1, 20], 'int32'), model.initialStates(1));
      return tf.concat(states.map(({ cell }) => tf.reshape(tf.tanh(cell), [-1]))).dataSync();
    });
    const found = layers.flatMap((trace) => [...trace.subarray(-6)]);
    expect(largest(found.map((value, unit) => Math.abs(value - last[unit]!)))).toBeLessThan(1e-6);
    model.dispose();
  });

  it('that correlate with a feature are found with either sign, and none for a constant feature', () => {
    const characters = Array.from('ab\ncd\nef');
    const places = FEATURES[0]!.of(characters);
    expect(places).toEqual([1, 2, 0, 1, 2, 0, 1, 2]);
    const noise = RandomStream.fromSeed(3).normalValues(8);
    const layers = [Float32Array.from(noise), Float32Array.from(places.flatMap((place) => [0, -place]))];
    const found = interpretableUnits(layers, characters);
    const correlation = expect.closeTo(-1, 6) as number;
    expect(found[0]).toEqual({ feature: 'place in the line', layer: 1, unit: 1, correlation });
    expect(found.map(({ feature }) => feature)).not.toContain('capital letter');
    expect(correlationOf([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
  });
});
