import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelSchema } from '../config.ts';
import { beamSearch } from '../decoding/beam-search.ts';
import { Transformer } from '../model.ts';
import { FRAME } from '../vocabulary.ts';
import { exactMatch, heldOutExamples } from './exact-match.ts';
import { TASKS, type Example } from './tasks.ts';

beforeAll(() => chooseBackend('auto'));

const network = (seed: number): Transformer =>
  new Transformer(
    modelSchema.parse({ width: 8, heads: 2, layers: 1, feedForwardWidth: 16, vocabulary: 6, maxLength: 8, dropout: 0 }),
    RandomStream.fromSeed(seed),
  ).eval();

describe('exactMatch', () => {
  it('equals the exact matches of greedy decoding', async () => {
    const model = network(3);
    const source = [
      [3, 4],
      [4, 3],
      [5, 5],
      [3, 3],
    ];
    const rows = tf.tensor2d(
      source.map((row) => [...row, FRAME.end]),
      undefined,
      'int32',
    );
    const { symbols } = beamSearch(model, rows, { beam: 1, maxLength: 3, lengthPenalty: 0, ...FRAME, end: -1 });
    const generated = tf.squeeze(symbols, [1]).arraySync() as number[][];
    // What the network says first, with an end behind it, is right where it then ends, and never with another symbol.
    const answers = generated.map((row) => row.slice(0, 2));
    const expected = generated.filter((row) => row[2] === FRAME.end).length / generated.length;
    const examples = source.map((row, index): Example => ({ source: row, target: answers[index]! }));
    expect((await exactMatch(model, examples, FRAME)).exact).toBe(expected);
    const wrong = examples.map(({ source: row, target }) => ({
      source: row,
      target: [(target[0]! % 5) + 1, target[1]!],
    }));
    expect((await exactMatch(model, wrong, FRAME)).exact).toBe(0);
  });

  it('leaks no tensors', async () => {
    const model = network(1);
    const before = tf.memory().numTensors;
    await exactMatch(model, [{ source: [3], target: [4] }], FRAME);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('heldOutExamples', () => {
  it('are the same on each call', () => {
    const draw = () => heldOutExamples(TASKS.copy, 4, 10, RandomStream.fromSeed(2));
    expect(draw()).toEqual(draw());
    expect(draw()).toHaveLength(10);
  });
});
