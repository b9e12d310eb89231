import { describe, expect, it } from 'vitest';
import { geometricMean, lowerQuartile, median, spreadOf } from './statistics.ts';

describe('median', () => {
  it('is the middle value in numeric order', () => {
    expect(median([10, 9, 1])).toBe(9);
    expect(median([5])).toBe(5);
  });

  it('is the mean of the middle two of an even number', () => {
    expect(median([4, 1, 100, 2])).toBe(3);
  });

  it('keeps its argument, and refuses an empty list', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow('no values');
  });
});

it('lowerQuartile is above a quarter of the values', () => {
  expect(lowerQuartile([50, 10, 40, 20, 30])).toBe(20);
  expect(lowerQuartile([7])).toBe(7);
  expect(() => lowerQuartile([])).toThrow('no values');
});

it('spreadOf gives the median between the extremes', () => {
  expect(spreadOf([3, 8, 1, 4])).toEqual({ median: 3.5, min: 1, max: 8 });
});

describe('geometricMean', () => {
  it('lets a ratio and its inverse cancel', () => {
    expect(geometricMean([4, 1 / 4])).toBeCloseTo(1, 12);
    expect(geometricMean([1, 2, 4])).toBeCloseTo(2, 12);
  });

  it('refuses values without a logarithm', () => {
    expect(() => geometricMean([])).toThrow(RangeError);
    expect(() => geometricMean([1, 0])).toThrow('positive values, got [1,0]');
    expect(() => geometricMean([Number.NaN])).toThrow(RangeError);
  });
});
