import { UserError } from '@motley/run';
import type { SeriesData } from './data.ts';
import type { SeriesForecaster } from './model.ts';
import { forecastFrom } from './predict.ts';
import { findStep, shownStep, type Series } from './series/series.ts';

/**
 * Lines of a CSV: time, mean and quantiles of each step of a forecast.
 * @param start the first step to forecast, as a number or a moment; empty: the first after the series' end
 * @throws UserError where there is no such step, or covariates after it are unknown
 */
export async function forecastTable(model: SeriesForecaster, data: SeriesData, start: string): Promise<string[]> {
  const { window, horizon } = model.config;
  const { length } = data.series;
  const first = start === '' ? length : stepOf(data.series, start);
  if (first < window || first > length)
    throw new UserError(
      `--start: expected a step from ${window} to ${length}, ${shownStep(data.series, window)} to ${shownStep(data.series, length)}, got ${start === '' ? 'the end' : start}`,
    );
  const series = data.extendedBy(Math.max(0, first + horizon - length));
  const { levels, mean, quantiles } = await forecastFrom(model, await model.scale(series), [first]);
  const rows = Array.from({ length: horizon }, (_, step) => [
    shownStep(series, first + step),
    ...[mean[step]!, ...quantiles.subarray(step * levels.length, (step + 1) * levels.length)].map((value) =>
      Number(value.toPrecision(6)),
    ),
  ]);
  const when = series.startTime === undefined ? 'step' : 'time';
  return [[when, 'mean', ...levels.map((level) => `quantile_${level}`)], ...rows].map((row) => row.join(','));
}

function stepOf(series: Series, given: string): number {
  const step = findStep(series, given);
  if (step !== undefined) return step;
  throw new UserError(
    `--start: expected a step's number or moment, ${shownStep(series, 0)} to ${shownStep(series, series.length)}, got ${JSON.stringify(given)}`,
  );
}
