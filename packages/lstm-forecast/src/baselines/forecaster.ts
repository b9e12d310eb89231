import type { Series } from '../series/series.ts';

/** Forecasts the target of a series. */
export interface Forecaster {
  readonly name: string;
  /** Past steps that it reads. */
  readonly window: number;
  /**
   * Forecasts the target at `start`, `start + 1`, …, from values before `start` and covariates known ahead.
   * @returns `[horizon]`
   * @throws RangeError where there are fewer than `window` past steps, or the horizon is longer than fitted
   */
  forecast(series: Series, start: number, horizon: number): Float64Array;
}

/** @throws RangeError where a forecast cannot start there */
export function checkPast({ name, window }: Pick<Forecaster, 'name' | 'window'>, series: Series, start: number): void {
  if (start < window || start > series.length)
    throw new RangeError(
      `${name}: expected a start from ${window} to ${series.length} in series ${series.name}, got ${start}`,
    );
}
