import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { evidenceFor, evidenceOfWords } from './evidence.ts';
import { gramOf, gramTable, strongestWindows } from './ngram-table.ts';
import { smallModel } from './testing/small.ts';

const TEXT = Int32Array.of(2, 5, 3, 6);

describe('evidence', () => {
  beforeAll(() => chooseBackend('cpu'));

  it.each(['max', 'sum', 'both'])('of all windows and the bias is the logit above the mean: %s', async (pooling) => {
    const before = tf.memory().numTensors;
    const model = smallModel(`model.pooling=${pooling}`);
    const logits = tf.tidy(() => model.forward(tf.tensor2d(TEXT, [1, 4], 'int32')).dataSync());
    const mean = (logits[0]! + logits[1]! + logits[2]!) / 3;
    for (const label of [0, 1, 2]) {
      const evidence = await evidenceFor(model, TEXT, label);
      const sum = evidence.windows.reduce((all, each) => all + each.evidence, 0);
      expect(sum + evidence.bias).toBeCloseTo(logits[label]! - mean, 5);
      const words = evidenceOfWords(evidence, TEXT.length);
      expect(words.reduce((all, each) => all + each, 0)).toBeCloseTo(sum, 5);
    }
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names the strongest n-grams', async () => {
    const model = smallModel();
    const { words } = model.labels.vocabulary;
    expect(gramOf(TEXT, -1, 3, words)).toBe('a d');
    const chosen = tf.tidy(() => tf.argMax(model.forward(tf.tensor2d(TEXT, [1, 4], 'int32')), 1).dataSync()[0]!);
    const [strongest] = await strongestWindows(model, TEXT, chosen, 1);
    const table = await gramTable(model, { symbols: TEXT, labels: Int32Array.of(chosen) }, [chosen], 3);
    expect(table.map(({ length }) => length > 0)).toEqual([0, 1, 2].map((label) => label === chosen));
    expect(table[chosen]![0]!.evidence).toBeGreaterThanOrEqual(strongest!.evidence);
    model.dispose();
  });
});
