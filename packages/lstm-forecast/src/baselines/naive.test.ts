import { describe, expect, it } from 'vitest';
import type { Series } from '../series/series.ts';
import { persistence, seasonalNaive } from './index.ts';

const series: Series = {
  name: 'counted',
  frequency: { kind: 'rows' },
  startTime: undefined,
  length: 10,
  target: Float64Array.from({ length: 10 }, (_, step) => step),
  covariates: {},
  knownAhead: [],
};

describe('naive forecasters', () => {
  it('repeat the last value, or the last season', () => {
    expect([...persistence().forecast(series, 4, 3)]).toEqual([3, 3, 3]);
    expect([...seasonalNaive(3).forecast(series, 7, 8)]).toEqual([4, 5, 6, 4, 5, 6, 4, 5]);
  });

  it('forecast beyond the end, and refuse a start without a window', () => {
    expect([...persistence().forecast(series, 10, 1)]).toEqual([9]);
    expect(() => seasonalNaive(3).forecast(series, 2, 1)).toThrow(
      'seasonal naive (3 steps): expected a start from 3 to 10 in series counted, got 2',
    );
    expect(() => persistence().forecast(series, 11, 1)).toThrow('got 11');
  });
});
