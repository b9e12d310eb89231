import { describe, expect, it } from 'vitest';
import { predictClasses, predictability, quality } from './measures.ts';

/** Probability `confidence` for `digit`, the rest for the next digit. */
function row(digit: number, confidence: number): number[] {
  return Array.from({ length: 10 }, (_, each) =>
    each === digit ? confidence : each === (digit + 1) % 10 ? 1 - confidence : 0,
  );
}
const probabilities = (...rows: readonly (readonly [digit: number, confidence: number])[]): Float32Array =>
  Float32Array.from(rows.flatMap(([digit, confidence]) => row(digit, confidence)));

describe('predictClasses', () => {
  it('takes the most probable digit', () => {
    const { classes, confidences, classCount } = predictClasses(probabilities([3, 0.75], [9, 1]), 1);
    expect([...Array.from(classes)]).toEqual([3, 9]);
    expect([...Array.from(confidences)]).toEqual([0.75, 1]);
    expect(classCount).toBe(10);
  });

  it('reads three digits as one number, whose confidence is the product of theirs', () => {
    const { classes, confidences, classCount } = predictClasses(probabilities([1, 0.75], [0, 0.75], [7, 1]), 3);
    expect(classes[0]).toBe(107);
    expect(confidences[0]).toBeCloseTo(0.5625, 6);
    expect(classCount).toBe(1000);
  });
});

describe('predictability', () => {
  it('is the confident fraction, accuracy the confident and right fraction', () => {
    const predictions = predictClasses(probabilities([3, 0.9], [4, 0.9], [5, 0.7], [6, 0.8]), 1);
    expect(predictability(predictions, [3, 5, 5, 6], 0.8)).toEqual({ predictability: 0.75, accuracy: 0.5 });
  });

  it('rejects a tolerance that is no probability', () => {
    expect(() => predictability(predictClasses(probabilities([1, 1]), 1), [1], 1.2)).toThrow(
      '--tolerance: expected a number between 0 and 1, got 1.2',
    );
  });
});

describe('quality', () => {
  it('counts the classes among confident images, and compares them with equally frequent classes', () => {
    const predictions = predictClasses(probabilities([3, 0.9], [3, 0.9], [5, 0.7], [6, 0.8]), 1);
    const found = quality(predictions, 0.8);
    expect(found).toMatchObject({ quality: 0.75, coverage: 0.2 });
    expect(found.ceiling).toBeCloseTo(1 - 0.9 ** 3, 12);
    expect(found.coverageOfCeiling).toBeCloseTo(0.2 / (1 - 0.9 ** 3), 12);
  });

  it('is 0 if no image is classified with confidence', () => {
    expect(quality(predictClasses(probabilities([3, 0.6]), 1), 0.8)).toEqual({
      quality: 0,
      coverage: 0,
      ceiling: 0,
      coverageOfCeiling: 0,
    });
  });
});
