import { forecastErrors } from '../series/errors.ts';
import { clip, fitBounds, withoutOutliers, type Bounds } from '../series/features.ts';
import type { Series } from '../series/series.ts';
import { forecastStarts, type SeriesParts } from '../series/split.ts';
import { checkPast, type Forecaster } from './forecaster.ts';
import { persistence, seasonalNaive } from './naive.ts';
import { nlinear } from './nlinear.ts';
import { directRidge, recursiveRidge } from './ridge.ts';

export interface BaselineOptions {
  /** Steps ahead. */
  readonly horizon: number;
  /** Candidate season lengths, in steps; the validation part chooses. */
  readonly seasons: readonly number[];
  /** Candidate windows of NLinear, in steps; the validation part chooses. */
  readonly windows: readonly number[];
  /** Window of the ridge regressions. Default 24. */
  readonly lags?: number;
  /** Share of outliers at each end of the training part; past values are clipped there. Default 0. */
  readonly outlierShare?: number;
}

/** Baselines by the names in reports. */
export type Baselines = Readonly<
  Record<'persistence' | 'seasonalNaive' | 'ridge' | 'ridgeRecursive' | 'nlinear', Forecaster>
>;

/**
 * Fits all baselines on the training part. The validation part chooses season, window and penalties.
 * @throws UserError where the series is too short
 */
export function fitBaselines(series: Series, parts: SeriesParts, options: BaselineOptions): Baselines {
  const { horizon, seasons, windows, lags = 24, outlierShare = 0 } = options;
  const bounds =
    outlierShare > 0
      ? fitBounds(series.target, parts.training, outlierShare)
      : { minimum: -Infinity, maximum: Infinity };
  const clipped = withoutOutliers(series, bounds);
  const reading = (forecaster: Forecaster): Forecaster => readingWithin(bounds, forecaster);
  const validationError = (forecaster: Forecaster): number => {
    const starts = forecastStarts(parts.validation, { horizon, window: forecaster.window }, series);
    return forecastErrors(forecaster, series, starts, horizon).rootMeanSquaredError;
  };
  return {
    persistence: reading(persistence()),
    seasonalNaive: leastBy(
      seasons.map((season) => reading(seasonalNaive(season))),
      validationError,
    ),
    ridge: reading(directRidge(clipped, parts, { horizon, window: lags })),
    ridgeRecursive: reading(recursiveRidge(clipped, parts, { horizon, window: lags })),
    nlinear: leastBy(
      windows.map((window) => reading(nlinear(clipped, parts, { horizon, window }))),
      validationError,
    ),
  };
}

/** A forecaster that reads a clipped past. */
function readingWithin(bounds: Bounds, forecaster: Forecaster): Forecaster {
  const { window } = forecaster;
  return {
    ...forecaster,
    forecast(series, start, horizon) {
      checkPast(forecaster, series, start);
      const target = clip(series.target.subarray(start - window, start), bounds);
      return forecaster.forecast({ ...series, target, length: window }, window, horizon);
    },
  };
}

function leastBy<T>(values: readonly T[], cost: (value: T) => number): T {
  const [first, ...others] = values.map((value) => ({ value, cost: cost(value) }));
  if (first === undefined) throw new RangeError('baselines: expected at least one season and one window, got none');
  return others.reduce((best, each) => (each.cost < best.cost ? each : best), first).value;
}
