import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAttention } from './attention.ts';
import { settingsOf } from './testing/reference.ts';

beforeAll(() => chooseBackend('cpu'));
beforeEach(() => {
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
});

const [BATCH, STEPS] = [2, 5];
const random = (seed: number, shape: number[]): tf.Tensor => RandomStream.fromSeed(seed).normal(shape);
const values = (): tf.Tensor => random(1, [BATCH, STEPS, 6]);
const lengths = (): tf.Tensor => tf.tensor1d([5, 3], 'int32');
const evenly = (): tf.Tensor => tf.fill([BATCH, STEPS], 1 / STEPS);
const first = (): tf.Tensor => tf.oneHot(tf.zeros([BATCH], 'int32'), STEPS, 1, 0, 'float32');

describe.each(['location', 'dot-product'] as const)('%s attention', (kind) => {
  const attention = () => createAttention(settingsOf({ attention: kind, locationRadius: 7 }), RandomStream.fromSeed(2));

  it('has weights that sum to 1 within a sequence, and the sum of the values by them', () => {
    const layer = attention();
    const { weights, context } = layer.attend(random(3, [BATCH, 4]), first(), layer.remember(values(), lengths()));
    const rows = weights.arraySync() as number[][];
    for (const row of rows) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
    expect(rows[0]!.every((weight) => weight > 0)).toBe(true);
    expect(rows[1]!.slice(3)).toEqual([0, 0]);
    const all = values().arraySync() as number[][][];
    const expected = rows.map((row, sentence) =>
      Array.from({ length: 6 }, (_, feature) =>
        row.reduce((sum, weight, step) => sum + weight * all[sentence]![step]![feature]!, 0),
      ),
    );
    const found = context.dataSync();
    for (const [index, value] of expected.flat().entries()) expect(found[index]).toBeCloseTo(value, 5);
  });

  it('depends on the last weights where it knows its location', () => {
    const layer = attention();
    const memory = layer.remember(values(), lengths());
    const weightsAfter = (last: tf.Tensor) => [...layer.attend(random(3, [BATCH, 4]), last, memory).weights.dataSync()];
    const [ofFirst, ofAll] = [weightsAfter(first()), weightsAfter(evenly())];
    if (kind === 'location') expect(ofFirst).not.toEqual(ofAll);
    else expect(ofFirst).toEqual(ofAll);
  });

  it('attends to a sequence of one step alone', () => {
    const layer = attention();
    const memory = layer.remember(random(1, [1, 1, 6]), tf.tensor1d([1], 'int32'));
    expect([...layer.attend(random(3, [1, 4]), tf.ones([1, 1]), memory).weights.dataSync()]).toEqual([1]);
  });
});

it('convolves the last weights alike in training, as one matrix, and in evaluation, by neighborhoods', () => {
  const attention = createAttention(settingsOf({ attention: 'location', locationRadius: 2 }), RandomStream.fromSeed(1));
  const last = tf.softmax(random(4, [BATCH, STEPS]));
  const { filters } = attention as unknown as { readonly filters: tf.Variable };
  const found = [true, false].map((training) => {
    attention.train(training);
    const weightsOf = () =>
      attention.attend(random(3, [BATCH, 4]), last, attention.remember(values(), lengths())).weights;
    // Long sounds are trained on by neighborhoods, too.
    const { grads } = tf.variableGrads(() => tf.sum(tf.square(weightsOf())), [filters]);
    return [...weightsOf().dataSync(), ...Object.values(grads)[0]!.dataSync()];
  });
  for (const [index, value] of found[0]!.entries()) expect(found[1]![index]).toBeCloseTo(value, 6);
});
