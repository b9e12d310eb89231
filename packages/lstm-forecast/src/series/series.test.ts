import { describe, expect, it } from 'vitest';
import { persistence } from '../baselines/index.ts';
import { errorsOf, forecastErrors } from './errors.ts';
import { timeAt, type Series } from './series.ts';

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
