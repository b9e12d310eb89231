import { expect, it } from 'vitest';
import { largest, smallest } from './extremes.ts';

it.each([[[3, -1, 2]], [[]], [[1, NaN]], [[-0]], [[Infinity, -Infinity]]])('%j as Math.min and Math.max', (values) => {
  expect(smallest(values)).toBe(Math.min.apply(undefined, values));
  expect(largest(values)).toBe(Math.max.apply(undefined, values));
});

it('takes more values than a call takes arguments', () => {
  const values = Float32Array.from({ length: 2_000_000 }, (_, index) => index);
  expect([smallest(values), largest(values)]).toEqual([0, 1_999_999]);
});
