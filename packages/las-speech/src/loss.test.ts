import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { END } from './alphabet.ts';
import { monotonicity } from './evaluate.ts';
import { linear, listeningLoss, spellingLoss, symbolCount } from './loss.ts';

beforeAll(() => chooseBackend('cpu'));

const valueOf = (compute: () => tf.Tensor): number => tf.tidy(() => compute().dataSync()[0]!);
const transcripts = (): tf.Tensor => tf.tensor2d([3, 4, END, END, 0, 0], [2, 3], 'int32');

describe('losses', () => {
  it('count symbols with the ends, without padding', () => {
    expect(valueOf(() => symbolCount(transcripts()))).toBe(4);
  });

  it('of the speller are means over symbols, with smoothed labels', () => {
    const [classes, high] = [5, 2];
    // All symbols but the last have one high logit: two are right.
    const logits = () => tf.oneHot(tf.tensor2d([3, 3, END, 4, 1, 1], [2, 3], 'int32'), classes, high, 0, 'float32');
    const logSum = Math.log(Math.exp(high) + classes - 1);
    const expected = (smoothing: number): number => {
      const right = logSum - high * (1 - smoothing + smoothing / classes);
      const wrong = logSum - high * (smoothing / classes);
      return (2 * right + 2 * wrong) / 4;
    };
    for (const smoothing of [0, 0.1])
      expect(valueOf(() => spellingLoss(logits(), transcripts(), smoothing).loss)).toBeCloseTo(expected(smoothing), 5);
    expect(valueOf(() => spellingLoss(logits(), transcripts(), 0).accuracy!)).toBeCloseTo(0.5, 6);
  });

  it('of the listener sum over all paths', () => {
    // Three even steps have six paths for two letters, of which the end is none, and one for none.
    const values = tf.zeros([2, 3, 1]);
    const heard = { values, lengths: tf.tensor1d([3, 2], 'int32') };
    const paths = [5, 1];
    const expected = [3 * Math.log(5) - Math.log(paths[0]!), 2 * Math.log(5) - Math.log(paths[1]!)];
    const loss = valueOf(() => listeningLoss(tf.zeros([2, 3, 5]), heard, transcripts()));
    expect(loss).toBeCloseTo((expected[0]! + expected[1]!) / 4, 5);
    tf.dispose(heard);
  });

  it('of the listener count nothing where there are more letters than steps', () => {
    const heard = { values: tf.zeros([2, 3, 1]), lengths: tf.tensor1d([1, 2], 'int32') };
    const loss = valueOf(() => listeningLoss(tf.zeros([2, 3, 5]), heard, transcripts()));
    expect(loss).toBeCloseTo((2 * Math.log(5)) / 4, 5);
    tf.dispose(heard);
  });

  it('have weights that move in a straight line, and then stay', () => {
    const at = (step: number): number => valueOf(() => linear(tf.scalar(step, 'int32'), 10, 0.9, 0.7));
    for (const [step, value] of [
      [0, 0.9],
      [5, 0.8],
      [10, 0.7],
      [25, 0.7],
    ] as const)
      expect(at(step)).toBeCloseTo(value, 6);
  });
});

describe('monotonicity', () => {
  /** Attention of each symbol to one step. */
  const share = (places: readonly (readonly number[])[], symbols: readonly (readonly number[])[]): number =>
    valueOf(() =>
      monotonicity(
        tf.oneHot(
          tf.tensor2d(
            places.map((row) => [...row]),
            undefined,
            'int32',
          ),
          6,
          1,
          0,
          'float32',
        ),
        tf.tensor2d(
          symbols.map((row) => [...row]),
          undefined,
          'int32',
        ),
      ),
    );

  it('is 1 from left to right, where a symbol may stay', () => {
    expect(share([[0, 2, 2, 5]], [[3, 4, 5, END]])).toBe(1);
  });

  it('is the share of moves that do not go back, without padding', () => {
    expect(share([[5, 3, 1, 0]], [[3, 4, 5, END]])).toBe(0);
    const both = share(
      [
        [0, 2, 1, 4],
        [0, 4, 0, 0],
      ],
      [
        [3, 4, 5, END],
        [3, END, 0, 0],
      ],
    );
    expect(both).toBeCloseTo(3 / 4, 6);
  });

  it('is 0, and not NaN, where no transcript has a second symbol', () => {
    expect(share([[0, 1]], [[END, 0]])).toBe(0);
  });
});
