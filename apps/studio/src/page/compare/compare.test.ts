import { expect, it } from 'vitest';
import { styleOfSlot } from '../charts/series.ts';
import { makeRow } from '../testing/made-runs.ts';
import { groupBySeed, meanOf, valueAt } from './fold.ts';
import { importanceOf, spearman } from './importance.ts';
import { scaleOf } from './scale.ts';
import { bestOf } from './tables.tsx';

const style = styleOfSlot(0);

it('groups runs that differ in their seed alone', () => {
  const groups = groupBySeed([0, 60, 120, 5].map(makeRow));
  expect(groups.map(({ label, rows }) => [label, rows.length])).toEqual([
    ['vae, small (3 seeds)', 3],
    ['vae-5', 1],
  ]);
});

it('takes mean and deviation where curves have a value, between their points on a line', () => {
  const a = { id: 'a', label: 'a', style, x: [0, 1, 2, 3], y: [1, 2, null, 4] };
  const b = { id: 'b', label: 'b', style, x: [0, 2], y: [3, 5] };
  expect([valueAt(a, 0.5), valueAt(a, 1.5), valueAt(b, 1), valueAt(b, 3)]).toEqual([1.5, null, 4, null]);
  const mean = meanOf([a, b], { id: 'm', label: 'm', style });
  expect(mean.y).toEqual([2, 3, 5, 4]);
  expect(mean.band!.high[0]).toBeCloseTo(2 + Math.SQRT2, 12);
  expect(mean.band!.low[3]).toBe(4);
});

it('correlates ranks as scipy.stats.spearmanr does', () => {
  // The example of its documentation: spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) is 0.8207826816681233.
  expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 12);
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
  expect(spearman([1, 2], [1, 2])).toBeNull();
});

it('finds the field that a metric depends on, of numbers and of words', () => {
  const index = Array.from({ length: 40 }, (_, each) => each);
  const metric = index.map((each) => (each % 2 === 0 ? 1 : 2) + 0.01 * ((each * 7) % 5));
  const list = importanceOf(
    [
      { field: 'noise', values: index.map((each) => (each * 13) % 37) },
      { field: 'kind', values: index.map((each) => (each % 2 === 0 ? 'a' : 'b')) },
      { field: 'constant', values: index.map(() => 3) },
    ],
    metric,
  );
  expect(list[0]).toMatchObject({ field: 'kind', correlation: null, count: 40 });
  expect(list[0]!.explained).toBeGreaterThan(0.99);
  expect(list.find(({ field }) => field === 'constant')!.explained).toBe(0);
});

it('marks the best by the metric’s direction', () => {
  expect(bestOf([3, null, 1, undefined, 2], true)).toBe(1);
  expect(bestOf([3, null, 1], false)).toBe(3);
  expect(bestOf([null], true)).toBeUndefined();
});

it('scales numbers by size, by magnitude where they span three, and words one by one', () => {
  expect([0, 5, 10].map(scaleOf([0, 10]).place)).toEqual([0, 0.5, 1]);
  expect(scaleOf([1e-4, 1e-2, 1]).place(1e-2)).toBeCloseTo(0.5, 12);
  expect([null, 'paper', 'small'].map(scaleOf([null, 'small', 'paper']).place)).toEqual([0, 0.5, 1]);
});
