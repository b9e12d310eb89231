import { forecastErrors } from '../series/errors.ts';
import type { Series } from '../series/series.ts';
import { forecastStarts, type SeriesParts } from '../series/split.ts';
import type { Forecaster } from './forecaster.ts';
import { persistence, seasonalNaive } from './naive.ts';
import { nlinear } from './nlinear.ts';
import { directRidge, recursiveRidge } from './ridge.ts';

export interface BaselineOptions {
  /** Steps ahead. */
  readonly horizon: number;
  /** Lengths of what may come again, in steps; the best on the validation part is taken. */
  readonly seasons: readonly number[];
  /** What NLinear may see, in steps; the best on the validation part is taken. */
  readonly windows: readonly number[];
  /** What ridge sees. Default 24. */
  readonly lags?: number;
}

/** What a forecast has to beat, by the names that reports have. */
export type Baselines = Readonly<
  Record<'persistence' | 'seasonalNaive' | 'ridge' | 'ridgeRecursive' | 'nlinear', Forecaster>
>;

/**
 * All baselines, fitted on the training part; what there is to choose is chosen on the validation part.
 * @throws UserError where the series is too short for them
 */
export function fitBaselines(series: Series, parts: SeriesParts, options: BaselineOptions): Baselines {
  const { horizon, seasons, windows, lags = 24 } = options;
  const validationError = (forecaster: Forecaster): number => {
    const starts = forecastStarts(parts.validation, { horizon, window: forecaster.window }, series);
    return forecastErrors(forecaster, series, starts, horizon).rootMeanSquaredError;
  };
  return {
    persistence: persistence(),
    seasonalNaive: leastBy(
      seasons.map((season) => seasonalNaive(season)),
      validationError,
    ),
    ridge: directRidge(series, parts, { horizon, window: lags }),
    ridgeRecursive: recursiveRidge(series, parts, { horizon, window: lags }),
    nlinear: leastBy(
      windows.map((window) => nlinear(series, parts, { horizon, window })),
      validationError,
    ),
  };
}

function leastBy<T>(values: readonly T[], cost: (value: T) => number): T {
  const [first, ...others] = values.map((value) => ({ value, cost: cost(value) }));
  if (first === undefined) throw new RangeError('baselines: expected at least one season and one window, got none');
  return others.reduce((best, each) => (each.cost < best.cost ? each : best), first).value;
}
