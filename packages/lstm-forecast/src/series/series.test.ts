import { describe, expect, it } from 'vitest';
import { persistence } from '../baselines/index.ts';
import { errorsOf, forecastErrors } from './errors.ts';
import { findStep, shownStep, timeAt, type Series } from './series.ts';

const series: Series = {
  name: 'counted',
  frequency: { kind: 'seconds', step: 1800 },
  startTime: 3600,
  length: 5,
  target: Float64Array.of(1, 2, 4, 8, 16),
  covariates: {},
  knownAhead: [],
};

describe('a series', () => {
  it('has times by step or by row', () => {
    expect(timeAt(series, 2)).toBe(7200);
    expect(timeAt({ ...series, times: Float64Array.of(1, 10, 100, 101, 102) }, 2)).toBe(100);
  });
});

describe('a step', () => {
  const monthly: Series = {
    ...series,
    frequency: { kind: 'months', step: 1 },
    startTime: Date.parse('1962-01-31') / 1000,
    length: 30,
  };
  it.each<[string, Partial<Series>, number | undefined]>([
    ['1962-03', {}, 2],
    ['1962-03-31', {}, 2],
    ['1964-07', {}, 30],
    ['1964-08', {}, undefined],
    ['1962-03-30', {}, undefined],
    ['12', {}, 12],
    ['1968-Q3', { frequency: { kind: 'months', step: 3 } }, 26],
    ['1970', { frequency: { kind: 'months', step: 12 } }, 8],
    ['1970', { frequency: { kind: 'seconds', step: 3600 } }, 1970],
    ['1962-01-31 05:00', { frequency: { kind: 'seconds', step: 3600 } }, 5],
    ['1962-01-31T07:00+02:00', { frequency: { kind: 'seconds', step: 3600 } }, 5],
    ['1962-02-05', { frequency: { kind: 'business-days' } }, 3],
    ['1962-02-03', { frequency: { kind: 'business-days' } }, undefined],
    ['7', { frequency: { kind: 'rows' }, startTime: undefined }, 7],
    ['1962-03', { frequency: { kind: 'rows' }, startTime: undefined }, undefined],
    ['soon', {}, undefined],
  ])('is found at %s', (given, changes, step) => {
    expect(findStep({ ...monthly, ...changes }, given)).toBe(step);
  });

  it('of business days goes on after the known times, without weekends', () => {
    // Tuesday to Thursday, a holiday.
    const times = Float64Array.from(['2015-12-22', '2015-12-24'], (date) => Date.parse(date) / 1000);
    const days: Series = { ...series, frequency: { kind: 'business-days' }, startTime: times[0], times };
    expect([0, 1, 2, 3].map((step) => shownStep(days, step))).toEqual([
      '2015-12-22',
      '2015-12-24',
      '2015-12-25',
      '2015-12-28',
    ]);
  });
});

describe('errors of forecasts', () => {
  it('are given by steps ahead and overall', () => {
    // From step 1: 1, 1 for 2, 4; from step 3: 4, 4 for 8, 16.
    const errors = forecastErrors(persistence(), series, [1, 3], 2);
    expect(errors.starts).toBe(2);
    expect(errors.meanAbsoluteErrors).toEqual(Float64Array.of(2.5, 7.5));
    expect(errors.meanAbsoluteError).toBe(5);
    expect(errors.rootMeanSquaredErrors[0]).toBeCloseTo(Math.sqrt((1 + 16) / 2), 12);
    expect(errors.rootMeanSquaredErrors[1]).toBeCloseTo(Math.sqrt((9 + 144) / 2), 12);
    expect(errors.rootMeanSquaredError).toBeCloseTo(Math.sqrt((1 + 16 + 9 + 144) / 4), 12);
  });

  it('are zero for perfect forecasts', () => {
    const errors = errorsOf(series, [0, 2], 3, (start) => series.target.subarray(start, start + 3));
    expect([errors.rootMeanSquaredError, errors.meanAbsoluteError]).toEqual([0, 0]);
  });
});
