import '../nn/gradients/register.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { choose } from '../control-flow/choose.ts';
import { embedding } from '../nn/embedding.ts';
import { softmaxCrossEntropy } from '../nn/losses.ts';
import { describeNative, describeOn } from '../testing/native.ts';
import { balancedClassWeights, weightedCrossEntropy } from '../train/weighted-losses.ts';
import { findBackends, startBackend } from './testing/start-backend.ts';

const { found } = await findBackends();
const int32 = (...values: number[]) => tf.tensor1d(values, 'int32');
const logits = () =>
  tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);

/** Lookups in two rows or classes, and what an error says about index 2. */
const lookups: Readonly<Record<string, readonly [operation: (indices: tf.Tensor) => tf.Tensor, message: RegExp]>> = {
  softmaxCrossEntropy: [
    (labels) => softmaxCrossEntropy(logits(), labels, { reduction: 'none' }),
    /expected labels in \[0, 2\), got 2|label value of 2 which is outside the valid range of \[0, 2\)/,
  ],
  'softmaxCrossEntropy, smoothed': [
    (labels) => softmaxCrossEntropy(logits(), labels, { labelSmoothing: 0.1, reduction: 'none' }),
    /expected labels in \[0, 2\), got 2|2 is not in \[0, [12]/,
  ],
  'softmaxCrossEntropy, rows ignored': [
    (labels) => softmaxCrossEntropy(logits(), labels, { ignoreIndex: -100, reduction: 'none' }),
    /expected labels in \[0, 2\), got 2|label value of 2 which is outside the valid range of \[0, 2\)/,
  ],
  weightedCrossEntropy: [
    // The lookup of the weight or the loss: the graph runs them in any order.
    (labels) => weightedCrossEntropy(logits(), labels, { classWeights: [1, 1] }),
    /2 is not in \[0, [12]|label value of 2 which is outside the valid range of \[0, 2\)/,
  ],
  embedding: [(indices) => embedding(indices, logits()), /expected indices in \[0, 2\), got 2|2 is not in \[0, [12]/],
};
const cases = Object.entries(lookups).map(([name, [operation, message]]) => ({ name, operation, message }));

describeOn(found, 'on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  it.each(cases)('$name: an index outside is an error, or NaN on a GPU', async ({ operation, message }) => {
    const before = tf.memory().numTensors;
    if (backend === 'webgpu') {
      const result = tf.tidy(() => operation(int32(0, 2)));
      expect([...(await result.data())].some(Number.isNaN)).toBe(true);
      result.dispose();
    } else expect(() => tf.tidy(() => operation(int32(0, 2)))).toThrow(message);
    const inside = tf.tidy(() => operation(int32(0, 1)));
    expect([...(await inside.data())].every(Number.isFinite)).toBe(true);
    inside.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeNative('compiled', () => {
  beforeAll(async () => {
    await startBackend('tensorflow');
  });

  it.each(cases)('$name: an index outside is an error by grappler, NaN by XLA', async ({ operation, message }) => {
    const { compile } = await import('@motley/tensorflow');
    const [grappler, xla] = [compile(operation, { engine: 'grappler' }), compile(operation, { engine: 'xla' })];
    expect(() => grappler(int32(0, 2))).toThrow(message);
    expect([...xla(int32(0, 2)).dataSync()].some(Number.isNaN)).toBe(true);
    expect([...xla(int32(0, 1)).dataSync()].every(Number.isFinite)).toBe(true);
    grappler.dispose();
    xla.dispose();
  });
});

describeOn(['cpu', 'wasm', 'tensorflow'], 'gathers on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  it('refuse indices outside, in batches and in several axes too', () => {
    tf.tidy(() => {
      expect(() => tf.gather(logits(), int32(2))).toThrow('the index value 2 is not in [0, 1]');
      const inBatches = tf.tensor2d([2, 0], [2, 1], 'int32');
      expect(() => tf.gather(logits(), inBatches, 1, 1)).toThrow('the index value 2 is not in [0, 1]');
      expect(() => tf.gatherND(logits(), tf.tensor2d([0, 1, 0, 2], [2, 2], 'int32'))).toThrow(/\[0, 2\]/);
    });
  });
});

describe('labels and choices', () => {
  beforeAll(async () => {
    await startBackend('cpu');
  });

  it('outside are named', () => {
    expect(() => balancedClassWeights([0, 2], 2)).toThrow('class weights: expected labels in [0, 2), got 2');
    const choices = [1, 2].map((factor) => ({ forward: (x: tf.Tensor) => tf.mul(x, factor), parameters: [] }));
    for (const index of [2, -1])
      expect(() => choose(tf.scalar(index, 'int32'), tf.ones([1]), choices)).toThrow(
        `choose: expected an index in [0, 2), got ${index}`,
      );
  });
});
