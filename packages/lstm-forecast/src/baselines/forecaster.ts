import type { Series } from '../series/series.ts';

/** Forecasts a series' target. */
export interface Forecaster {
  readonly name: string;
  /** Steps of the past that it reads. */
  readonly window: number;
  /**
   * The target at `start`, `start + 1`, … as expected just before: it reads what was before `start`, and from `start` on
   * nothing but the covariates that are known ahead.
   * @returns `[horizon]`
   * @throws RangeError where there is less past than `window`, or the horizon is beyond what was fitted
   */
  forecast(series: Series, start: number, horizon: number): Float64Array;
}

/** @throws RangeError where a forecaster cannot begin there */
export function checkPast({ name, window }: Pick<Forecaster, 'name' | 'window'>, series: Series, start: number): void {
  if (start < window || start > series.length)
    throw new RangeError(
      `${name}: expected a start from ${window} to ${series.length} in series ${series.name}, got ${start}`,
    );
}
