import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SMALL_PAIRS } from './testing/pairs.ts';
import { FRAME, learnVocabulary, mergesOf, textOf, vocabularyOfCheckpoint } from './vocabulary.ts';

beforeAll(async () => {
  await chooseBackend('cpu');
});

const texts = SMALL_PAIRS.flatMap(({ english, german }) => [english, german]);
const tokenizer = learnVocabulary(texts, 50);

describe('vocabulary', () => {
  it.each(['Der Mann sieht ein Haus.', 'Überraschung: 雪 \u{1F600}\r\n\ttab', ' \u0000 ', ''])(
    'gives %j back',
    (text) => {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    },
  );

  it('has special symbols, bytes and merges', () => {
    expect(tokenizer.vocabularySize).toBe(3 + 256 + 50);
    expect([tokenizer.specialId('<pad>'), tokenizer.specialId('<begin>'), tokenizer.specialId('<end>')]).toEqual([
      0,
      FRAME.begin,
      FRAME.end,
    ]);
    expect(() => learnVocabulary(['a', 'b'], 50)).toThrow(
      'training pairs: expected a pair of letters that occurs twice',
    );
  });

  it('decodes symbols up to the end symbol', () => {
    const symbols = [...tokenizer.encode('Haus')];
    expect(textOf(tokenizer, [...symbols, FRAME.end, ...symbols, 0])).toBe('Haus');
    expect(textOf(tokenizer, [...symbols, 0, 0])).toBe('Haus');
    expect(textOf(tokenizer, symbols)).toBe('Haus');
  });

  it('is saved in the checkpoint', async () => {
    const pairs = mergesOf(tokenizer)!;
    const merges = tf.tensor2d(pairs.flat(), [pairs.length, 2], 'int32');
    const embedding = tf.zeros([tokenizer.vocabularySize, 4]);
    const found = await vocabularyOfCheckpoint({ merges, 'embedding.tokens.weight': embedding });
    expect(found.toJSON()).toEqual(tokenizer.toJSON());
  });

  it.each([
    ['no merges', undefined, 309, "expected a translator's vocabulary, int32 merges [M, 2], found none"],
    ['merges of another shape', [[1, 2, 3]], 309, 'int32 merges [M, 2], found int32 [1, 3]'],
    [
      'merges of another network',
      [
        [3, 4],
        [5, 6],
      ],
      309,
      "expected a vocabulary of the network's 309 symbols, found one of 261 symbols",
    ],
    ['merges of what is not there', [[3, 4000]], 260, 'merge 0: expected two earlier ids'],
  ])('refuses a checkpoint with %s', async (_, merges, symbols, message) => {
    const weights = {
      'embedding.tokens.weight': tf.zeros([symbols, 4]),
      ...(merges !== undefined && { merges: tf.tensor2d(merges, undefined, 'int32') }),
    };
    await expect(vocabularyOfCheckpoint(weights)).rejects.toThrow(message);
  });
});
