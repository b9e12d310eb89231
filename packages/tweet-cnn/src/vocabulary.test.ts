import { chooseBackend } from '@motley/core/node';
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bytesOf, labelsOfCheckpoint, Vocabulary, wordsOf } from './vocabulary.ts';
import { vectorsOf, WordPieces } from './word-pieces.ts';

describe('wordsOf', () => {
  it('keeps hashtags and inner apostrophes, and makes one word of addresses and of handles', () => {
    expect(wordsOf('RT @someone: We don’t agree! #TaxReform https://t.co/abc 5%')).toEqual([
      'rt',
      '<user>',
      ':',
      'we',
      "don't",
      'agree',
      '!',
      '#taxreform',
      '<url>',
      '5',
      '%',
    ]);
    expect(wordsOf(' \n')).toEqual([]);
    expect(wordsOf('@ #')).toEqual(['@', '#']);
  });
});

describe('Vocabulary', () => {
  const vocabulary = Vocabulary.of([['b', 'a', 'b'], ['c', 'a', '<unk>'], ['d']], 2);

  it('holds the frequent words, and 1 for the others', () => {
    expect(vocabulary.words).toEqual(['<pad>', '<unk>', 'a', 'b']);
    expect([...vocabulary.encode(['b', 'd', 'a'])]).toEqual([3, 1, 2]);
    expect(vocabulary.with(['e', 'a', 'f', 'g'], 6).words.slice(4)).toEqual(['e', 'f']);
  });

  it('comes back from a checkpoint', async () => {
    await chooseBackend('cpu');
    const weights = {
      words: tf.tensor1d(bytesOf(vocabulary.words), 'int32'),
      classNames: tf.tensor1d(bytesOf(['été', 'x']), 'int32'),
    };
    const labels = await labelsOfCheckpoint(weights);
    expect(labels.vocabulary.words).toEqual(vocabulary.words);
    expect(labels.classNames).toEqual(['été', 'x']);
    await expect(labelsOfCheckpoint({ words: weights.words })).rejects.toThrow(UserError);
    tf.dispose(weights);
  });
});

describe('word pieces', () => {
  const pieces = new WordPieces(['[UNK]', 'un', '##believ', '##able', 'cafe', "'", 't', 'don', '##e']);

  it('are the longest that fit, without accents, and punctuation apart', () => {
    expect(pieces.rowsOf('unbelievable')).toEqual([1, 2, 3]);
    expect(pieces.rowsOf('café')).toEqual([4]);
    expect(pieces.rowsOf("don't")).toEqual([7, 5, 6]);
    expect(pieces.rowsOf('unknown')).toEqual([]);
    expect(pieces.wholeWords()).toEqual(['un', 'cafe', 't', 'don']);
  });

  it('give each word the mean of their vectors, centered and scaled', () => {
    const table = Float32Array.from({ length: 18 }, (_, place) => place ** 2);
    const vectors = vectorsOf(['<pad>', '<unk>', 'unbelievable', 'zzz', 'cafe'], pieces, table, 2);
    const row = (symbol: number) => [...vectors.subarray(2 * symbol, 2 * symbol + 2)];
    expect([...row(0), ...row(1), ...row(3)]).toEqual([0, 0, 0, 0, 0, 0]);
    const mean = [(4 + 16 + 36) / 3, (9 + 25 + 49) / 3];
    const ratio = (mean[0]! - 64) / (mean[1]! - 81);
    expect(row(2)[0]! / row(2)[1]!).toBeCloseTo(ratio, 4);
    expect(row(4)[0]).toBeCloseTo(-row(2)[0]!, 5);
    const square = [...row(2), ...row(4)].reduce((sum, value) => sum + value ** 2, 0) / 4;
    expect(Math.sqrt(square)).toBeCloseTo(0.25 / Math.sqrt(3), 5);
  });
});
