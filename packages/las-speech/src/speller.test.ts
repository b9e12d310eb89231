import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelConfig } from './config.ts';
import { Speller } from './speller.ts';
import { difference, settingsOf } from './testing/reference.ts';

beforeAll(() => chooseBackend('cpu'));
beforeEach(() => {
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  tf.disposeVariables();
});

const STEPS = 4;

/** A speller with weights so large that it clearly tells letters apart. */
function speller(fields: Partial<ModelConfig> = {}): Speller {
  const model = new Speller(settingsOf(fields), RandomStream.fromSeed(1));
  for (const variable of model.namedParameters().values()) variable.assign(tf.mul(variable, 4));
  return model;
}

/** The same sound for each of `batch` sentences. */
function memoryOf(model: Speller, batch: number) {
  const values = tf.tile(RandomStream.fromSeed(2).normal([1, STEPS, 6], 0, 2), [batch, 1, 1]);
  return model.attention.remember(values, tf.fill([batch], STEPS, 'int32'));
}

const told = (batch: number, ...symbols: number[]): tf.Tensor =>
  tf.tile(tf.tensor2d(symbols, [1, symbols.length], 'int32'), [batch, 1]);

const teaching = (share: number, seed = 3) => ({
  random: RandomStream.fromSeed(seed),
  teacherForcing: tf.scalar(share),
});

/** Makes the speller draw letters with these probabilities, whatever it hears. */
function rig({ characters }: Speller, probabilities: Readonly<Record<number, number>>): void {
  characters!.weight.assign(tf.zeros(characters!.weight.shape));
  const logits = Array.from({ length: 9 }, (_, symbol) => Math.log(probabilities[symbol] ?? 1e-20));
  characters!.bias!.assign(tf.tensor1d(logits));
}

describe('the speller', () => {
  it('has logits and weights of each symbol', () => {
    const model = speller();
    const { logits, weights } = model.forward(memoryOf(model, 2), told(2, 3, 4, 2));
    expect([logits.shape, weights.shape]).toEqual([
      [2, 3, 9],
      [2, 3, STEPS],
    ]);
  });

  it('spells letter by letter what it spells in one loop', () => {
    const model = speller();
    const memory = memoryOf(model, 2);
    const { logits, weights } = model.forward(memory, told(2, 3, 4, 2));
    let state = model.begin(memory);
    for (const [place, symbol] of [1, 3, 4].entries()) {
      const next = model.spell(tf.fill([2], symbol, 'int32'), state, memory);
      const ofPlace = (tensor: tf.Tensor) => tf.slice(tensor, [0, place, 0], [-1, 1, -1]).dataSync();
      expect(difference(next.logits, ofPlace(logits))).toBeLessThan(1e-6);
      expect(difference(next.state.weights, ofPlace(weights))).toBeLessThan(1e-6);
      state = next.state;
    }
  });

  it('reads the transcript where it is told every letter, and its own draws where it is told none', () => {
    const model = speller();
    rig(model, { 5: 1 });
    const memory = memoryOf(model, 3);
    const weights = (symbols: number[], share?: number) =>
      model.forward(memory, told(3, ...symbols), share === undefined ? undefined : teaching(share)).weights;
    const transcript = [3, 4, 6, 2];
    expect(difference(weights(transcript, 1), weights(transcript).dataSync())).toBeLessThan(1e-6);
    expect(difference(weights(transcript, 0), weights([5, 5, 5, 2]).dataSync())).toBeLessThan(1e-6);
    expect(difference(weights(transcript), weights([5, 5, 5, 2]).dataSync())).toBeGreaterThan(1e-3);
  });

  it('is told the share of letters asked for, and draws the rest by their probabilities', () => {
    const model = speller();
    const batch = 1500;
    rig(model, { 4: 0.75, 5: 0.25 });
    const { weights } = model.forward(memoryOf(model, batch), told(batch, 3, 2), teaching(0.6));
    const rows = (tensor: tf.Tensor) => tf.slice(tensor, [0, 1, 0], [-1, 1, 1]).dataSync();
    const expected = [3, 4, 5].map((symbol) => rows(model.forward(memoryOf(model, 1), told(1, symbol, 2)).weights)[0]!);
    const counts = [0, 0, 0];
    for (const weight of rows(weights)) {
      const letters = expected.flatMap((each, letter) => (Math.abs(each - weight) < 1e-5 ? letter : []));
      expect(letters).toHaveLength(1);
      counts[letters[0]!]!++;
    }
    for (const [letter, share] of [0.6, 0.4 * 0.75, 0.4 * 0.25].entries())
      // Within four standard deviations of the binomial distribution.
      expect(Math.abs(counts[letter]! / batch - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / batch));
  });

  it('drops the same features at every letter, others in other sentences, and none in evaluation', () => {
    const model = speller({ dropout: 0.5, attention: 'dot-product' });
    // With a state of 0, every letter has the same logits.
    for (const { weight_ih, weight_hh, bias_ih, bias_hh } of model.cells)
      for (const variable of [weight_ih, weight_hh, bias_ih, bias_hh]) variable.assign(tf.zeros(variable.shape));
    const batch = 8;
    const logits = () => model.forward(memoryOf(model, batch), told(batch, 3, 4, 2), teaching(1)).logits;
    const dropped = logits().arraySync() as number[][][];
    for (const letters of dropped) for (const letter of letters) expect(letter).toEqual(letters[0]);
    expect(new Set(dropped.map((letters) => String(letters[0]))).size).toBeGreaterThan(batch / 2);
    model.eval();
    const kept = logits().arraySync() as number[][][];
    expect(new Set(kept.flat().map(String)).size).toBe(1);
  });

  it('ties the matrix that reads letters to the one that embeds them', () => {
    const [tied, own] = [speller({ tiedEmbedding: true }), speller()];
    expect(tied.characters).toBeUndefined();
    expect(own.parameterCount() - tied.parameterCount()).toBe(3 * 9 + 9);
  });

  it('refuses letters that the alphabet lacks', () => {
    const model = speller();
    expect(() => model.forward(memoryOf(model, 1), told(1, 9, 2))).toThrow('embedding: expected indices');
  });

  it('leaks no tensors', () => {
    const model = speller({ dropout: 0.5 });
    const [memory, transcripts, options] = [memoryOf(model, 2), told(2, 3, 2), teaching(0.5)];
    const before = tf.memory().numTensors;
    tf.tidy(() => void model.forward(memory, transcripts, options));
    expect(tf.memory().numTensors).toBe(before);
  });
});
