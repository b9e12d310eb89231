import { forecastErrors, type ForecastErrors } from '../series/errors.ts';
import { OUTLIER_SHARE, fitBounds, withoutOutliers } from '../series/features.ts';
import type { Series } from '../series/series.ts';
import { forecastStarts } from '../series/split.ts';
import { persistence } from './naive.ts';
import { directRidge } from './ridge.ts';

/** Two hours of five minutes. */
const HORIZON = 24;

/**
 * Reference errors that check whether a user's file is read as it should be. On `no1_validation.csv` of NTNU's course
 * IT3030, persistence is known to have RMSE 138.7 MW and a ridge regression of 24 lags 129.4 MW (measured: 138.68 and
 * 129.38). Values are clipped at the file's own quantiles of 0.5 and 99.5 %; its first half is the training part, its
 * second half the test part. The system's own figures clip by the training part alone, and never clip the truth.
 * @throws UserError where the series is too short
 */
export function no1ReferenceErrors(series: Series): Readonly<Record<'persistence' | 'ridge', ForecastErrors>> {
  const { length } = series;
  const clipped = withoutOutliers(series, fitBounds(series.target, { from: 0, to: length }, OUTLIER_SHARE));
  const half = Math.floor(length / 2);
  const test = { from: half, to: length };
  const parts = {
    training: { from: 0, to: half },
    // With so many rows the penalty hardly matters, so training steps may choose it.
    validation: { from: Math.round(0.8 * half), to: half },
    test,
  };
  const ridge = directRidge(clipped, parts, { horizon: HORIZON, window: HORIZON });
  const starts = forecastStarts(test, { horizon: HORIZON, window: HORIZON }, series);
  return {
    persistence: forecastErrors(persistence(), clipped, starts, HORIZON),
    ridge: forecastErrors(ridge, clipped, starts, HORIZON),
  };
}
