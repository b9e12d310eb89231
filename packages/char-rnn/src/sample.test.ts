import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { createModel } from './create-model.ts';
import { surprisals } from './evaluate.ts';
import { drawSymbol, distribution, sample } from './sample.ts';

const plain = { temperature: 1, topK: null, topP: 1 };
/** ½, ¼, ⅛, ⅛ */
const logits = [1, 2, 4, 1].map(Math.log);

describe('distribution', () => {
  it('is the softmax of logits divided by the temperature', () => {
    expect([...distribution(logits, plain)]).toEqual(
      [1 / 8, 1 / 4, 1 / 2, 1 / 8].map((p) => expect.closeTo(p, 12) as number),
    );
    const squares = [1, 4, 16, 1].map((weight) => expect.closeTo(weight / 22, 12) as number);
    expect([...distribution(logits, { ...plain, temperature: 0.5 })]).toEqual(squares);
    expect([...distribution(logits, { ...plain, temperature: 0 })]).toEqual([0, 0, 1, 0]);
    expect([...distribution([-1e4, 1e4], { ...plain, temperature: 0.01 })]).toEqual([0, 1]);
  });

  it('keeps the top k, the lower index on ties', () => {
    const two = [0, 1 / 3, 2 / 3, 0].map((p) => expect.closeTo(p, 12) as number);
    expect([...distribution(logits, { ...plain, topK: 2 })]).toEqual(two);
    expect([...distribution(logits, { ...plain, topK: 3 })].map((p) => p > 0)).toEqual([true, true, true, false]);
    expect(distribution(logits, { ...plain, topK: 9 })).toEqual(distribution(logits, plain));
  });

  it('keeps the fewest symbols that reach top-p, at least one', () => {
    const kept = (topP: number) => [...distribution(logits, { ...plain, topP })].map((p) => p > 0);
    expect(kept(0.5)).toEqual([false, false, true, false]);
    expect(kept(0.51)).toEqual([false, true, true, false]);
    expect(kept(0.76)).toEqual([true, true, true, false]);
    expect(kept(1)).toEqual([true, true, true, true]);
    expect(kept(1e-9)).toEqual([false, false, true, false]);
  });
});

it('samples by cumulative probability, and never a symbol of probability 0', () => {
  const probabilities = [0, 0.25, 0, 0.75, 0];
  expect([0, 0.2499, 0.25, 0.999, 1].map((draw) => drawSymbol(probabilities, draw))).toEqual([1, 1, 3, 3, 3]);
});

describe('sample', () => {
  const settings = config.resolve({ set: ['model.units=8', 'data.windowLength=4'] });
  const vocabulary = Int32Array.from({ length: 5 }, (_, symbol) => 97 + symbol);
  beforeAll(async () => {
    await chooseBackend('cpu');
  });

  it('continues its prompt, reports surprisal, and leaks no tensors', async () => {
    const model = createModel(settings, vocabulary).eval();
    const before = tf.memory().numTensors;
    const prompt = Int32Array.of(3, 1, 4);
    const { symbols, surprisal } = await sample(model, prompt, 40, plain, RandomStream.fromSeed(7));
    expect(symbols).toHaveLength(40);
    const found = await surprisals(model, Int32Array.from([...prompt, ...symbols]));
    expect(largest(surprisal.map((value, index) => Math.abs(value - found[index + 2]!)))).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
    const again = await sample(model, prompt, 40, plain, RandomStream.fromSeed(7));
    expect(again.symbols).toEqual(symbols);
    const other = await sample(model, Int32Array.of(3), 40, plain, RandomStream.fromSeed(8));
    expect(other.symbols).not.toEqual(symbols);
    model.dispose();
  });

  it('takes the most probable symbols at temperature 0', async () => {
    const model = createModel(settings, vocabulary).eval();
    const greedy = { ...plain, temperature: 0 };
    const [one, two] = [1, 2].map((seed) => sample(model, Int32Array.of(0), 20, greedy, RandomStream.fromSeed(seed)));
    expect((await one!).symbols).toEqual((await two!).symbols);
    expect((await one!).surprisal.every((value) => value <= Math.log(5) + 1e-6)).toBe(true);
    model.dispose();
  });
});
