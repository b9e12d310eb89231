import { describe, expect, it } from 'vitest';
import { NGrams } from './n-grams.ts';

const END = 2;
const [A, B] = [3, 4];
/** a twice, b once, and three ends. */
const sentences = [[A], [A], [B]];

const nats = (order: number, sentence: readonly number[]): number[] =>
  new NGrams(sentences, { order, end: END, symbols: 3 }).losses(sentence).map((value) => Math.exp(-value));

describe('NGrams', () => {
  it('equal the formula of Witten–Bell smoothing', () => {
    // Six symbols of three kinds, and a uniform share of three kinds more.
    expect(nats(1, [A])).toEqual([expect.closeTo((2 + 3 / 3) / 9, 12), expect.closeTo((3 + 3 / 3) / 9, 12)]);
    // At the beginning: a twice, b once. Behind a: the end, twice.
    const [first, last] = nats(2, [A]);
    expect(first).toBeCloseTo((2 + 2 * (3 / 9)) / (3 + 2), 12);
    expect(last).toBeCloseTo((2 + 1 * (4 / 9)) / (2 + 1), 12);
  });

  it.each([1, 2, 3, 5])('of order %i are distributions', (order) => {
    for (const history of [[], [A], [B, A], [5, 5, 5]]) {
      const sum = [A, B].reduce((total, symbol) => total + nats(order, [...history, symbol])[history.length]!, 0);
      expect(sum + nats(order, history)[history.length]!).toBeCloseTo(1, 12);
    }
  });

  it('have a lower loss with a higher order', () => {
    const text = [
      [A, A, B, A, A, B, A, A, B],
      [A, A, B, A, A, B],
    ];
    const loss = (order: number): number =>
      new NGrams(text, { order, end: END, symbols: 3 }).losses(text[0]!).reduce((sum, value) => sum + value, 0);
    expect(loss(2)).toBeLessThan(loss(1));
    expect(loss(3)).toBeLessThan(loss(2));
  });
});
