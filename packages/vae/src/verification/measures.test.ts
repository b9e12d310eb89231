import { describe, expect, it } from 'vitest';
import { judge, predictability, quality } from './measures.ts';

/** Believes in `digit` with `belief`, and in the next one with the rest. */
function believing(digit: number, belief: number): number[] {
  return Array.from({ length: 10 }, (_, each) =>
    each === digit ? belief : each === (digit + 1) % 10 ? 1 - belief : 0,
  );
}
const beliefs = (...rows: readonly (readonly [digit: number, belief: number])[]): Float32Array =>
  Float32Array.from(rows.flatMap(([digit, belief]) => believing(digit, belief)));

describe('judge', () => {
  it('takes the likeliest digit', () => {
    const { predictions, beliefs: found, classes } = judge(beliefs([3, 0.75], [9, 1]), 1);
    expect([...Array.from(predictions)]).toEqual([3, 9]);
    expect([...Array.from(found)]).toEqual([0.75, 1]);
    expect(classes).toBe(10);
  });

  it('reads three digits as a number that it believes in as in all of them', () => {
    const { predictions, beliefs: found, classes } = judge(beliefs([1, 0.75], [0, 0.75], [7, 1]), 3);
    expect(predictions[0]).toBe(107);
    expect(found[0]).toBeCloseTo(0.5625, 6);
    expect(classes).toBe(1000);
  });
});

describe('predictability', () => {
  it('is the sure part, accuracy the sure and right part of all', () => {
    const verdicts = judge(beliefs([3, 0.9], [4, 0.9], [5, 0.7], [6, 0.8]), 1);
    expect(predictability(verdicts, [3, 5, 5, 6], 0.8)).toEqual({ predictability: 0.75, accuracy: 0.5 });
  });

  it('takes no tolerance that is no probability', () => {
    expect(() => predictability(judge(beliefs([1, 1]), 1), [1], 1.2)).toThrow(
      '--tolerance: expected a number between 0 and 1, got 1.2',
    );
  });
});

describe('quality', () => {
  it('counts the classes among the sure images, beside what chance would give', () => {
    const verdicts = judge(beliefs([3, 0.9], [3, 0.9], [5, 0.7], [6, 0.8]), 1);
    const found = quality(verdicts, 0.8);
    expect(found).toMatchObject({ quality: 0.75, coverage: 0.2 });
    expect(found.ceiling).toBeCloseTo(1 - 0.9 ** 3, 12);
    expect(found.coverageOfCeiling).toBeCloseTo(0.2 / (1 - 0.9 ** 3), 12);
  });

  it('is nothing where nothing is sure', () => {
    expect(quality(judge(beliefs([3, 0.6]), 1), 0.8)).toEqual({
      quality: 0,
      coverage: 0,
      ceiling: 0,
      coverageOfCeiling: 0,
    });
  });
});
