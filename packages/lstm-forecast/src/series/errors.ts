import type { Forecaster } from '../baselines/forecaster.ts';
import type { Series } from './series.ts';

/** Errors of forecasts in the unit of the target. */
export interface ForecastErrors {
  readonly starts: number;
  /** Over all starts and steps ahead. */
  readonly rootMeanSquaredError: number;
  readonly meanAbsoluteError: number;
  /** `[horizon]`: by steps ahead. */
  readonly rootMeanSquaredErrors: Float64Array;
  readonly meanAbsoluteErrors: Float64Array;
}

/** RMSE and MAE of a forecaster from each of `starts`. */
export function forecastErrors(
  forecaster: Forecaster,
  series: Series,
  starts: ArrayLike<number>,
  horizon: number,
): ForecastErrors {
  return errorsOf(series, starts, horizon, (start) => forecaster.forecast(series, start, horizon));
}

/**
 * RMSE and MAE of given forecasts.
 * @param forecastOf `[horizon]` values, by start and by its index among the starts
 */
export function errorsOf(
  { target }: Pick<Series, 'target'>,
  starts: ArrayLike<number>,
  horizon: number,
  forecastOf: (start: number, index: number) => ArrayLike<number>,
): ForecastErrors {
  const squares = new Float64Array(horizon);
  const distances = new Float64Array(horizon);
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index]!;
    const forecast = forecastOf(start, index);
    for (let step = 0; step < horizon; step++) {
      const difference = forecast[step]! - target[start + step]!;
      squares[step]! += difference ** 2 / starts.length;
      distances[step]! += Math.abs(difference) / starts.length;
    }
  }
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / horizon;
  return {
    starts: starts.length,
    rootMeanSquaredError: Math.sqrt(mean(squares)),
    meanAbsoluteError: mean(distances),
    rootMeanSquaredErrors: squares.map(Math.sqrt),
    meanAbsoluteErrors: distances,
  };
}
