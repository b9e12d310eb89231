import { type Figure, forecastChart, lineChart } from '@motley/run/node';
import type { Comparison } from './comparison.ts';
import type { SeriesData } from './data.ts';
import type { Evaluation } from './evaluate.ts';
import type { ForecastErrors } from './series/errors.ts';
import { shownStep, type Series } from './series/series.ts';
import type { ForecastSettings } from './settings.ts';

/** Number of forecasts with a figure of their own. */
const SINGLE_FORECASTS = 3;
/** Number of forecasts in the rolling figure. */
const ROLLING_FORECASTS = 8;
/** Steps in the figure of one-step forecasts. */
const ONE_STEP_LENGTH = 150;

export interface DrawingOptions {
  readonly comparison: Comparison;
  readonly data: SeriesData;
  readonly config: ForecastSettings;
}

/** Figures of a forecaster on the test part, by file name. */
export function drawFigures(options: DrawingOptions): Record<string, Figure> {
  const { comparison, data, config } = options;
  const { horizon, quantiles } = config.model;
  return {
    ...(horizon > 1 && singleForecasts(options)),
    ...(horizon > 1 && { 'rolling-forecasts': rollingForecasts(options) }),
    'one-step-ahead': oneStepAhead(options),
    ...(horizon > 1 && { 'errors-by-horizon': errorsByHorizon(options) }),
    ...(quantiles.length > 1 && { calibration: calibration(comparison.evaluation, data.series) }),
  };
}

/** Single forecasts from starts spread over the test part: past values, bands, other forecasters. */
function singleForecasts({ comparison, data }: DrawingOptions): Record<string, Figure> {
  const { forecasts } = comparison.evaluation;
  const { starts, horizon, levels } = forecasts;
  const indices = Array.from({ length: SINGLE_FORECASTS }, (_, place) =>
    Math.floor(((place + 0.5) * starts.length) / SINGLE_FORECASTS),
  );
  return Object.fromEntries(
    indices.map((index, place) => {
      const start = starts[index]!;
      const x = stepsFrom(0, horizon);
      const at = (step: number, level: number): number =>
        forecasts.quantiles[(index * horizon + step) * levels.length + level]!;
      // Without a median the mean is drawn.
      const quantiles: Record<number, number[]> = levels.includes(0.5)
        ? Object.fromEntries(levels.map((level, column) => [level, x.map((step) => at(step, column))]))
        : { 0.5: x.map((step) => forecasts.mean[index * horizon + step]!) };
      const figure = forecastChart({
        title: `Forecast of ${data.series.name}`,
        subtitle: `from ${shownStep(data.series, start)}, ${horizon} steps`,
        xName: 'steps from the start',
        yName: 'value',
        actual: pointsOf(data.series, start, -2 * horizon, horizon),
        x,
        quantiles,
        others: Object.entries(comparison.overlays).map(([name, forecaster]) => {
          const values = forecaster.forecast(data.series, start, horizon);
          return { name, points: x.map((step) => [step, values[step]!] as const) };
        }),
      });
      return [`forecast-${place + 1}`, figure];
    }),
  );
}

/** Consecutive forecasts with their bands, each from the end of the last. */
function rollingForecasts({ comparison, data }: DrawingOptions): Figure {
  const { forecasts } = comparison.evaluation;
  const { starts, horizon, levels, mean, quantiles } = forecasts;
  const chosen: number[] = [];
  for (const [index, start] of Array.from(starts).entries())
    if (chosen.length < ROLLING_FORECASTS && start >= (starts[chosen.at(-1) ?? -1] ?? -Infinity) + horizon)
      chosen.push(index);
  const first = starts[chosen[0]!]!;
  const last = starts[chosen.at(-1)!]! + horizon;
  const [low, high] = [0, levels.length - 1];
  const bandOf = (index: number) =>
    stepsFrom(0, horizon).map((step) => {
      const row = (index * horizon + step) * levels.length;
      return [starts[index]! - first + step, quantiles[row + low]!, quantiles[row + high]!] as const;
    });
  return lineChart({
    title: `Forecasts of ${data.series.name}, ${horizon} steps each`,
    subtitle: `from ${shownStep(data.series, first)}; each begins with the last value known`,
    xName: 'step',
    yName: 'value',
    width: 1000,
    lines: [
      { name: 'actual', points: pointsOf(data.series, first, -horizon, last - first) },
      {
        name: 'forecast',
        points: chosen.flatMap((index) =>
          stepsFrom(0, horizon).map((step) => [starts[index]! - first + step, mean[index * horizon + step]!] as const),
        ),
      },
    ],
    bands: levels.length < 2 ? [] : chosen.map((index) => ({ points: bandOf(index), color: 1, opacity: 0.2 })),
  });
}

/** One-step forecasts beside the actual values. */
function oneStepAhead({ comparison, data }: DrawingOptions): Figure {
  const { starts, horizon, mean } = comparison.evaluation.forecasts;
  const from = starts[0]!;
  const followed = Array.from(starts).filter((start) => start < from + ONE_STEP_LENGTH);
  return lineChart({
    title: `${data.series.name}: one step ahead`,
    subtitle: `the test part from ${shownStep(data.series, from)}`,
    xName: 'step',
    yName: 'value',
    width: 1000,
    lines: [
      { name: 'actual', points: pointsOf(data.series, from, 0, followed.at(-1)! + 1 - from) },
      { name: 'forecast', points: followed.map((start, index) => [start - from, mean[index * horizon]!]) },
    ],
  });
}

/** RMSE of the network and the baselines against steps ahead. */
function errorsByHorizon({ comparison: { evaluation, baselineErrors } }: DrawingOptions): Figure {
  const points = ({ rootMeanSquaredErrors }: ForecastErrors) =>
    Array.from(rootMeanSquaredErrors, (error, step) => [step + 1, error] as const);
  return lineChart({
    title: 'How errors grow with the steps ahead (test part)',
    xName: 'steps ahead',
    yName: 'root mean squared error',
    lines: [
      { name: 'LSTM', points: points(evaluation.errors) },
      ...Object.entries(baselineErrors).map(([name, errors]) => ({
        name,
        points: points(errors),
        dashed: name === 'optimum',
      })),
    ],
  });
}

/** Share of values below each quantile, against the quantile's level. */
function calibration({ forecasts }: Evaluation, { target }: Series): Figure {
  const { starts, horizon, levels, quantiles } = forecasts;
  const count = starts.length * horizon;
  const shares = levels.map((_, column) => {
    let below = 0;
    for (let index = 0; index < count; index++)
      if (
        target[starts[Math.floor(index / horizon)]! + (index % horizon)]! < quantiles[index * levels.length + column]!
      )
        below++;
    return below / count;
  });
  return lineChart({
    title: 'Calibration on the test part',
    xName: 'level of the quantile',
    yName: 'share of values below it',
    width: 520,
    lines: [
      { name: 'forecast', points: levels.map((level, column) => [level, shares[column]!]) },
      {
        name: 'perfect',
        points: [
          [0, 0],
          [1, 1],
        ],
        dashed: true,
      },
    ],
  });
}

function stepsFrom(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, step) => from + step);
}

/** Target values of the steps from `from` to `to`, counted from the start, as far as the series reaches. */
function pointsOf({ target }: Series, start: number, from: number, to: number): (readonly [number, number])[] {
  return stepsFrom(from, to - from).flatMap((step) => {
    const value = target[start + step];
    return value === undefined ? [] : [[step, value] as const];
  });
}
