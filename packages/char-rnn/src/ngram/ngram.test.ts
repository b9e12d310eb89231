import { RandomStream } from '@motley/core';
import { MarkovChain } from '@motley/core/generators';
import { largest, smallest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { fitNgram } from './ngram.ts';

const tokensOf = (text: string): Int32Array => Int32Array.from(text, (letter) => letter.charCodeAt(0) - 97);

/** Letters a to f by a chain: uneven counts, and pairs that never come. */
function letters(length: number): Int32Array {
  const random = RandomStream.fromSeed(7);
  return MarkovChain.random(6, random.fork('chain'), { sharpness: 4 }).draw(random.fork('draw'), length);
}

/** Chen & Goodman's equations word for word, on strings. */
class Reference {
  readonly text: readonly number[];
  readonly vocabularySize: number;
  readonly order: number;

  constructor(text: Int32Array, vocabularySize: number, order: number) {
    this.text = [...text];
    this.vocabularySize = vocabularySize;
    this.order = order;
  }

  /** n-grams of a length, as texts, with c(·) or N₁₊(• ·). */
  counts(length: number): Map<string, number> {
    const occurrences = this.text.slice(length - 1).map((_, at) => this.text.slice(at, at + length).join(' '));
    const counts = new Map<string, number>();
    if (length === this.order) {
      for (const gram of occurrences) counts.set(gram, (counts.get(gram) ?? 0) + 1);
      return counts;
    }
    for (const gram of new Set(occurrences)) counts.set(gram, 0);
    const longer = new Set(this.text.slice(length).map((_, at) => this.text.slice(at, at + length + 1).join(' ')));
    for (const gram of longer) {
      const suffix = gram.slice(gram.indexOf(' ') + 1);
      counts.set(suffix, counts.get(suffix)! + 1);
    }
    return counts;
  }

  discount(counts: Map<string, number>, count: number): number {
    const n = (k: number) => [...counts.values()].filter((value) => value === k).length;
    const k = Math.min(count, 3);
    if (k === 0) return 0;
    if ([1, 2, 3, 4].some((each) => n(each) === 0)) return [0, 0.5, 1, 1.5][k]!;
    const y = n(1) / (n(1) + 2 * n(2));
    const estimated = [1, 2, 3].map((each) => each - ((each + 1) * y * n(each + 1)) / n(each));
    if (estimated.some((each) => each <= 0)) return [0, 0.5, 1, 1.5][k]!;
    return Math.min(estimated[k - 1]!, k);
  }

  probability(symbol: number, context: readonly number[]): number {
    const history = context.slice(Math.max(0, context.length - this.order + 1));
    const lower = history.length === 0 ? 1 / this.vocabularySize : this.probability(symbol, history.slice(1));
    const counts = this.counts(history.length + 1);
    const continuations = Array.from(
      { length: this.vocabularySize },
      (_, w) => counts.get([...history, w].join(' ')) ?? 0,
    );
    const total = continuations.reduce((sum, count) => sum + count, 0);
    if (total === 0) return lower;
    const freed = continuations.reduce((sum, count) => sum + this.discount(counts, count), 0);
    const count = continuations[symbol]!;
    return (count - this.discount(counts, count)) / total + (freed / total) * lower;
  }
}

describe('fitNgram', () => {
  it.each([1, 2, 3, 5])('equals the equations, order %i', (order) => {
    const text = letters(400);
    const model = fitNgram(text, 8, order);
    const reference = new Reference(text, 8, order);
    const histories = ['', 'a', 'fb', 'ccc', 'abcdef', 'h', 'ahb', 'gggg'].map((history) => [...tokensOf(history)]);
    for (const history of [...histories, ...[30, 31, 32, 399].map((end) => [...text.slice(end - 5, end)])]) {
      const expected = Array.from({ length: 8 }, (_, symbol) => reference.probability(symbol, history));
      for (const [symbol, probability] of model.probabilities(history).entries())
        expect(probability).toBeCloseTo(expected[symbol]!, 12);
    }
  });

  it.each([1, 2, 5])('is a distribution with positive probabilities after every context, order %i', (order) => {
    const text = letters(300);
    const model = fitNgram(text, 9, order);
    for (let first = 0; first < 9; first++)
      for (let second = 0; second < 9; second++) {
        const probabilities = model.probabilities([first, second, 3, first]);
        expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
        expect(smallest(probabilities)).toBeGreaterThan(0);
      }
  });

  it('estimates discounts if there are counts of 1 to 4', () => {
    // Once: a b, twice: c, three times: d, four times: e. Y = 2/4, so that 1/2, 2 - 3/2 · 1/1 and 3 - 4/2 · 1/1 are taken off.
    const model = fitNgram(tokensOf('abccdddeeee'), 5, 1);
    const freed = (2 * 0.5 + 0.5 + 2 * 1) / 11 / 5;
    const expected = [0.5, 0.5, 1.5, 2, 3].map((kept) => kept / 11 + freed);
    for (const [symbol, p] of model.probabilities([]).entries()) expect(p).toBeCloseTo(expected[symbol]!, 12);
  });

  it('averages the surprisal of the symbols over growing contexts', () => {
    const model = fitNgram(letters(500), 6, 3);
    const text = letters(40);
    const surprisal = [...text].map((symbol, at) => -Math.log(model.probabilities(text.subarray(0, at))[symbol]!));
    expect(model.negativeLogLikelihood(text)).toBeCloseTo(surprisal.reduce((sum, each) => sum + each, 0) / 40, 12);
  });

  it('gives unseen symbols a positive probability if no discount can be estimated', () => {
    const chain = MarkovChain.random(4, RandomStream.fromSeed(0).fork('transitions'), { delay: 2, sharpness: 3 });
    const text = chain.draw(RandomStream.fromSeed(0).fork('text'), 180_000);
    const model = fitNgram(text, 4, 3);
    for (let pair = 0; pair < 16; pair++)
      expect(smallest(model.probabilities([pair >> 2, pair & 3]))).toBeGreaterThan(0);
  });

  it('reaches the entropy rate of a chain with its order', () => {
    const random = RandomStream.fromSeed(11);
    const chain = MarkovChain.random(20, random.fork('chain'), { sharpness: 2 });
    const text = chain.draw(random.fork('draw'), 220_000);
    const loss = (order: number) =>
      fitNgram(text.subarray(0, 200_000), 20, order).negativeLogLikelihood(text.subarray(200_000));
    expect(Math.abs(loss(2) - chain.entropyRateInNats)).toBeLessThan(0.01);
    expect(loss(1)).toBeGreaterThan(chain.entropyRateInNats + 0.2);
    // Longer contexts than the chain's are rarer ones: they cost a little, and stay far below none.
    expect(loss(5)).toBeLessThan(loss(1) - 0.2);
  });

  it('supports vocabularies beyond 16 bits, and grows its tables', () => {
    const text = Int32Array.from({ length: 30_000 }, (_, index) => 70_000 + ((index * index) % 9973));
    const model = fitNgram(text, 80_000, 4);
    const probabilities = model.probabilities(text.subarray(0, 3));
    expect(probabilities.indexOf(largest(probabilities))).toBe(text[3]);
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10);
  });

  it.each([
    [() => fitNgram(new Int32Array(), 4, 2), 'n-gram model: expected tokens, got none'],
    [() => fitNgram(Int32Array.of(0, 4), 4, 2), 'n-gram model: token 1: expected a number from 0 to 3, got 4'],
    [() => fitNgram(Int32Array.of(0), 4, 0), 'n-gram model: expected an order from 1 to 32, got 0'],
    [
      () => fitNgram(Int32Array.of(0), 4, 2).probabilities([-1]),
      'n-gram model: token 0: expected a number from 0 to 3, got -1',
    ],
  ])('refuses what it cannot count, %#', (run, message) => {
    expect(run).toThrow(new RangeError(message));
  });
});
