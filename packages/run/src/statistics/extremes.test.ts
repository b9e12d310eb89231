import { describe, expect, it } from 'vitest';
import { largest, smallest } from './extremes.ts';

describe('extremes', () => {
  it.each([
    [[3, -1, 2], -1, 3],
    [[], Infinity, -Infinity],
    [[1, NaN], NaN, NaN],
    [[Infinity, -Infinity], -Infinity, Infinity],
  ])('of %j are %d and %d, as of Math.min and Math.max', (values, least, most) => {
    expect(smallest(values)).toBe(least);
    expect(largest(values)).toBe(most);
  });

  it('take more values than a call takes arguments', () => {
    const values = Float32Array.from({ length: 2_000_000 }, (_, index) => index);
    expect([smallest(values), largest(values)]).toEqual([0, 1_999_999]);
  });
});
