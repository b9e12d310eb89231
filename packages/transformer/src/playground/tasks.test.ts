import { RandomStream } from '@motley/core';
import { describe, expect, it } from 'vitest';
import { FIRST_SYMBOL, isHeldOut, partOf, TASK_NAMES, TASKS } from './tasks.ts';

const text = (name: keyof typeof TASKS, symbols: readonly number[]): string =>
  symbols.map((symbol) => TASKS[name].symbols[symbol - FIRST_SYMBOL]).join('');

const drawn = (name: keyof typeof TASKS, length: number, count = 200) => {
  const random = RandomStream.fromSeed(length);
  return Array.from({ length: count }, () => TASKS[name].example(random, length)).map(({ source, target }) => ({
    source: text(name, source),
    target: text(name, target),
  }));
};

describe('tasks', () => {
  it('copy, reverse and sort letters', () => {
    for (const { source, target } of drawn('copy', 7)) expect(target).toBe(source);
    for (const { source, target } of drawn('reverse', 7)) expect(target).toBe(Array.from(source).reverse().join(''));
    for (const { source, target } of drawn('sort', 7)) expect(target).toBe(Array.from(source).sort().join(''));
    expect(drawn('copy', 7)[0]!.source).toMatch(/^[a-t]{7}$/u);
  });

  it.each([1, 3, 9])('add numbers of %i digits', (length) => {
    for (const { source, target } of drawn('addition', length)) {
      const [a, b] = source.split('+');
      expect([a!.length, b!.length, target.length]).toEqual([length, length, length + 1]);
      expect(Number(target)).toBe(Number(a) + Number(b));
    }
  });
});

describe('held-out questions', () => {
  it.each(TASK_NAMES)('of %s has no question of the training part, at any length', (name) => {
    for (const length of [1, 2, 5, 20])
      for (const part of ['training', 'held-out'] as const) {
        const random = RandomStream.fromSeed(length);
        const task = partOf(TASKS[name], part);
        const examples = Array.from({ length: 100 }, () => task.example(random, length));
        expect(examples.every(({ source }) => isHeldOut(source) === (part === 'held-out'))).toBe(true);
      }
  });

  it('are a tenth of all questions', () => {
    const random = RandomStream.fromSeed(1);
    const count = 20_000;
    const heldOut = Array.from({ length: count }, () => TASKS.sort.example(random, 6)).filter(({ source }) =>
      isHeldOut(source),
    );
    expect(Math.abs(heldOut.length / count - 0.1)).toBeLessThan(0.01); // five standard deviations
  });
});
