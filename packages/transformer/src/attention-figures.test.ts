import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionFigures } from './attention-figures.ts';
import { attentionOf } from './attention.ts';
import { modelSchema } from './config.ts';
import { Transformer } from './model.ts';

beforeAll(() => chooseBackend('auto'));

const network = (kind: 'encoder-decoder' | 'decoder'): Transformer =>
  new Transformer(
    modelSchema.parse({ kind, width: 8, heads: 2, layers: 2, feedForwardWidth: 16, vocabulary: 9, maxLength: 8 }),
    RandomStream.fromSeed(1),
  ).eval();

const pair = {
  source: [3, 4, 5, 2],
  input: [1, 6, 7],
  sourceLabels: ['a', 'b', 'c', '⊣'],
  inputLabels: ['⊢', 'x', 'y'],
  outputLabels: ['x', 'y', '⊣'],
};

describe('attentionOf', () => {
  it('has the weights of every layer, each row a distribution over unmasked positions, and leaks no tensors', async () => {
    const model = network('encoder-decoder');
    const before = tf.memory().numTensors;
    const found = await attentionOf(model, pair);
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.fromEntries(Object.entries(found).map(([name, { shape }]) => [name, shape]))).toEqual({
      'encoder.0.self_attention': [2, 4, 4],
      'encoder.1.self_attention': [2, 4, 4],
      'decoder.0.self_attention': [2, 3, 3],
      'decoder.0.cross_attention': [2, 3, 4],
      'decoder.1.self_attention': [2, 3, 3],
      'decoder.1.cross_attention': [2, 3, 4],
    });
    for (const { weights, shape } of Object.values(found))
      for (let row = 0; row < shape[0] * shape[1]; row++) {
        const values = weights.subarray(row * shape[2], (row + 1) * shape[2]);
        expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      }
    // The first symbol that was said sees itself alone.
    expect(Array.from(found['decoder.0.self_attention']!.weights.subarray(0, 3))).toEqual([1, 0, 0]);
  });
});

describe('attentionFigures', () => {
  it('has a figure for each attention layer, with symbols as labels', async () => {
    const figures = await attentionFigures(network('encoder-decoder'), pair);
    expect(Object.keys(figures)).toEqual([
      'attention-encoder-1',
      'attention-encoder-2',
      'attention-decoder-1-self',
      'attention-decoder-1-cross',
      'attention-decoder-2-self',
      'attention-decoder-2-cross',
    ]);
    for (const label of ['x', '⊣', 'head 2']) expect(figures['attention-decoder-1-cross']!.svg).toContain(`>${label}<`);
    expect(figures['attention-decoder-1-cross']!.svg).not.toContain('>⊢<');
  });

  it('has decoder layers only without an encoder', async () => {
    const figures = await attentionFigures(network('decoder'), { ...pair, source: [], sourceLabels: [] });
    expect(Object.keys(figures)).toEqual(['attention-decoder-1-self', 'attention-decoder-2-self']);
  });
});
