import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Module, RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelSchema, type ModelConfig } from './config.ts';
import { causalMask } from './masks.ts';
import { Stack, Transformer, sinusoids } from './model.ts';

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Reference {
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly wide: number;
  readonly cases: readonly {
    readonly norm: 'pre' | 'post';
    readonly parameters: Readonly<Record<string, Values>>;
    readonly gradients: Readonly<Record<string, Values>>;
    readonly tensors: Readonly<
      Record<'source' | 'target' | 'output' | 'weights' | 'sourceGradient' | 'targetGradient', Values>
    >;
    readonly lengths: readonly number[];
  }[];
}

/** Made by reference.py. */
const reference = JSON.parse(readFileSync(join(import.meta.dirname, 'reference.json'), 'utf8')) as Reference;

beforeAll(async () => {
  await chooseBackend('auto');
});

const small = (fields: Partial<ModelConfig>): ModelConfig =>
  modelSchema.parse({
    width: 8,
    heads: 2,
    layers: 2,
    feedForwardWidth: 16,
    vocabulary: 11,
    maxLength: 9,
    dropout: 0,
    ...fields,
  });

class Stacks extends Module {
  readonly encoder: Stack;
  readonly decoder: Stack;

  constructor(config: ModelConfig, random: RandomStream) {
    super();
    this.encoder = new Stack('encoder', config, random, false);
    this.decoder = new Stack('decoder', config, random, true);
  }
}

const tensorOf = ({ shape, values }: Values): tf.Tensor => tf.tensor([...values], [...shape], 'float32');

function difference(found: tf.Tensor, { values }: Values): number {
  const [actual, scale] = [found.dataSync(), Math.max(largest(values.map(Math.abs)), 1)];
  expect(actual).toHaveLength(values.length);
  return largest(values.map((value, index) => Math.abs(value - actual[index]!))) / scale;
}

describe('Transformer layers', () => {
  it.each(reference.cases)('equal PyTorch to 1e-5, forward and backward, with $norm-norm', (expected) => {
    const config = small({
      width: reference.width,
      heads: reference.heads,
      layers: reference.layers,
      norm: expected.norm,
    });
    const stacks = new Stacks(config, RandomStream.fromSeed(1)).eval();
    const state = Object.fromEntries(
      Object.entries(expected.parameters).map(([name, values]) => [name, tensorOf(values)]),
    );
    stacks.loadStateDict(state);
    const length = expected.tensors.source.shape[1]!;
    const mask = tf.reshape(
      tf.less(
        tf.range(0, length, 1, 'int32'),
        tf.tensor2d([...expected.lengths], [expected.lengths.length, 1], 'int32'),
      ),
      [expected.lengths.length, 1, 1, length],
    );
    const forward = (source: tf.Tensor, target: tf.Tensor): tf.Tensor => {
      const memories = stacks.decoder.memories(stacks.encoder.forward(source, mask, [], {}), mask);
      return stacks.decoder.forward(target, causalMask(target.shape[1]!), memories, {});
    };
    const { source, target, output, weights, sourceGradient, targetGradient } = expected.tensors;
    expect(difference(forward(tensorOf(source), tensorOf(target)), output)).toBeLessThan(1e-5);
    const [bySource, byTarget] = tf.grads((a, b) => tf.sum(tf.mul(forward(a, b), tensorOf(weights))))([
      tensorOf(source),
      tensorOf(target),
    ]);
    expect(difference(bySource!, sourceGradient)).toBeLessThan(1e-5);
    expect(difference(byTarget!, targetGradient)).toBeLessThan(1e-5);
    const { grads } = tf.variableGrads(() =>
      tf.sum(tf.mul(forward(tensorOf(source), tensorOf(target)), tensorOf(weights))),
    );
    for (const [name, variable] of stacks.namedParameters())
      expect([name, difference(grads[variable.name]!, expected.gradients[name]!)]).toEqual([
        name,
        expect.closeTo(0, 5),
      ]);
  });
});

describe('Transformer', () => {
  const source = () => tf.tensor2d([3, 4, 5, 0, 6, 7, 8, 9], [2, 4], 'int32');
  const target = () => tf.tensor2d([1, 4, 2, 1, 5, 6], [2, 3], 'int32');

  it.each([
    ['encoder-decoder', 'sinusoidal', 'pre', true],
    ['encoder-decoder', 'learned', 'post', false],
    ['decoder', 'learned', 'pre', true],
  ] as const)(
    'decodes the same incrementally as in one pass: %s, %s, %s-norm, tied %s',
    (kind, positions, norm, tiedEmbeddings) => {
      const model = new Transformer(small({ kind, positions, norm, tiedEmbeddings }), RandomStream.fromSeed(2)).eval();
      const memories = model.encode(kind === 'decoder' ? undefined : source());
      const whole = model.decode(target(), memories);
      expect(whole.shape).toEqual([2, 3, 11]);
      let state = model.begin(2, 7, memories);
      for (let position = 0; position < 3; position++) {
        const symbols = tf.squeeze(tf.slice(target(), [0, position], [2, 1]), [1]);
        const result = model.step(symbols, tf.scalar(position, 'int32'), state);
        const expected = tf.squeeze(tf.slice(whole, [0, position, 0], [2, 1, 11]), [1]);
        expect(tf.max(tf.abs(tf.sub(result.logits, expected))).dataSync()[0]).toBeLessThan(1e-5);
        state = result.state;
      }
    },
  );

  it('does not attend to padding or later positions', () => {
    const model = new Transformer(small({}), RandomStream.fromSeed(3)).eval();
    const logits = model.forward(source(), target());
    const twoMore: [number, number][] = [
      [0, 0],
      [0, 2],
    ];
    const longer = model.forward(tf.pad(source(), twoMore), tf.pad(target(), twoMore, 7));
    const same = tf.slice(longer, [0, 0, 0], [2, 3, 11]);
    expect(tf.max(tf.abs(tf.sub(logits, same))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it('reports attention weights that sum to 1 over unmasked positions', () => {
    const model = new Transformer(small({}), RandomStream.fromSeed(4)).eval();
    const heard = new Map<string, tf.Tensor>();
    model.forward(source(), target(), { onAttention: (name, weights) => heard.set(name, weights) });
    expect([...heard.keys()]).toEqual([
      'encoder.0.self_attention',
      'encoder.1.self_attention',
      ...[0, 1].flatMap((layer) => [`decoder.${layer}.self_attention`, `decoder.${layer}.cross_attention`]),
    ]);
    const cross = heard.get('decoder.1.cross_attention')!;
    expect(cross.shape).toEqual([2, 2, 3, 4]);
    for (const sum of tf.sum(cross, -1).dataSync()) expect(sum).toBeCloseTo(1, 5);
    expect(tf.max(tf.slice(cross, [0, 0, 0, 3], [1, 2, 3, 1])).dataSync()[0]).toBe(0);
  });
});

describe('sinusoids', () => {
  it('have wavelengths from 2π to 10000 · 2π', () => {
    const table = sinusoids(3, 4);
    [0, 1, 0, 1, Math.sin(1), Math.cos(1), Math.sin(0.01), Math.cos(0.01)].forEach((value, index) => {
      expect(table[index]).toBeCloseTo(value, 6);
    });
  });
});
