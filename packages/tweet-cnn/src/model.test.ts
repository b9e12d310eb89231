import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { TextCnn } from './model.ts';
import { predict, readTexts } from './predict.ts';
import { formula, smallConfig, smallLabels, smallModel } from './testing/small.ts';

/** Logits of one text. */
function logitsOf(model: TextCnn, text: readonly number[]): number[] {
  return tf.tidy(() => [...model.forward(tf.tensor2d([...text], [1, text.length], 'int32')).dataSync()]);
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 5);
}

describe('the model', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('has logits [B, C], and leaks no tensors', () => {
    const before = tf.memory().numTensors;
    for (const channels of ['random', 'static', 'non-static', 'multichannel']) {
      const model = smallModel(`model.embedding=${channels}`);
      const symbols = tf.tensor2d([2, 3, 0, 4, 5, 6], [2, 3], 'int32');
      const logits = model.forward(symbols);
      expect(logits.shape).toEqual([2, 3]);
      tf.dispose([symbols, logits]);
      model.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(['max', 'sum', 'both'])('does not see padding: %s', (pooling) => {
    const model = smallModel(`model.pooling=${pooling}`);
    expectClose(logitsOf(model, [4, 2, 6, 0, 0, 0, 0]), logitsOf(model, [4, 2, 6]));
    model.dispose();
  });

  it('hears a phrase once by a maximum, however often it is said, and each time by a sum', () => {
    const once = [2, 3, 2, 3, 2];
    const often = [2, 3, 2, 3, 2, 3, 2, 3, 2];
    const maximum = smallModel('model.widths=[2]');
    expectClose(logitsOf(maximum, often), logitsOf(maximum, once));
    maximum.dispose();
    const sum = smallModel('model.widths=[2]', 'model.pooling=sum', 'model.filters=12');
    // Each repetition has the same two windows, and adds the same amount.
    const more = [...once, 3, 2];
    const [a, b, c] = [once, more, often].map((text) => logitsOf(sum, text));
    expectClose(
      c!.map((value, label) => value - b![label]!),
      b!.map((value, label) => value - a![label]!),
    );
    expect(b!.some((value, label) => Math.abs(value - a![label]!) > 1e-3)).toBe(true);
    sum.dispose();
  });

  it('keeps the weight vectors of classes within the norm', () => {
    const model = smallModel();
    model.output.weight.assign(formula(1, [3, 6], 4));
    const norms = tf.tidy(() => [...tf.norm(model.classWeights(), 'euclidean', 1).dataSync()]);
    for (const norm of norms) expect(norm).toBeCloseTo(0.5, 5);
    model.dispose();
  });

  it('trains the learned vectors alone, and starts from the given ones', () => {
    const vectors = Float32Array.from({ length: 28 }, (_, place) => place / 28);
    const { model: config } = smallConfig('model.embedding=multichannel');
    const model = new TextCnn(config, smallLabels, RandomStream.fromSeed(0), vectors);
    expect([...model.namedParameters().keys()]).not.toContain('vectors.fixed');
    expect([...model.namedParameters().keys()]).toContain('vectors.tuned');
    expect([...model.vectors.fixed!.dataSync()]).toEqual([...vectors]);
    expect([...model.vectors.tuned!.dataSync()]).toEqual([...vectors]);
    model.dispose();
  });
});

describe('predict', () => {
  it('has the probabilities of the classes, and reads texts as they are written', async () => {
    await chooseBackend('cpu');
    const model = smallModel();
    const probabilities = await predict(model, Int32Array.of(2, 3, 1, 0), 2);
    expect(probabilities).toHaveLength(6);
    expect(probabilities[0]! + probabilities[1]! + probabilities[2]!).toBeCloseTo(1, 5);
    const [reading] = await readTexts(model, ['A B zebra'], 6);
    expect([...reading!.symbols]).toEqual([2, 3, 1]);
    const expected = await predict(model, Int32Array.of(2, 3, 1, 0, 0, 0), 6);
    for (const { className, probability } of reading!.guesses)
      expect(probability).toBeCloseTo(expected[smallLabels.classNames.indexOf(className)]!, 6);
    expect(reading!.guesses[0]!.probability).toBeGreaterThanOrEqual(reading!.guesses[1]!.probability);
    model.dispose();
  });
});
