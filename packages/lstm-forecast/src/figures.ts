import type { MetricRecord } from '@motley/run';
import { type Figure, forecastChart, lineChart } from '@motley/run/node';
import type { Forecaster } from './baselines/index.ts';
import type { ForecastConfig } from './config.ts';
import type { SeriesData } from './data.ts';
import type { SeriesEvaluation } from './evaluate.ts';
import type { ForecastErrors } from './series/errors.ts';
import { timeAt, type Series } from './series/series.ts';

/** Forecasts that are drawn each in its own figure. */
const SINGLE = 3;
/** Forecasts that are drawn one after the other. */
const ROLLING = 8;
/** Steps of one-step forecasts over what came. */
const FOLLOWED_STEPS = 150;

export interface DrawingOptions {
  readonly evaluation: SeriesEvaluation;
  readonly data: SeriesData;
  readonly config: ForecastConfig;
  /** By name, what else was measured. */
  readonly baselineErrors: Readonly<Record<string, ForecastErrors>>;
  /** Drawn beside the network's forecasts, dashed. */
  readonly rivals: Readonly<Record<string, Forecaster>>;
  readonly records: readonly MetricRecord[];
}

/** All pictures of a forecaster, by file name: forecasts are of the test part. */
export function drawFigures(options: DrawingOptions): Record<string, Figure> {
  const { evaluation, config, records } = options;
  const { horizon, quantiles } = config.model;
  return {
    ...(horizon > 1 && singleForecasts(options)),
    ...(horizon > 1 && { 'rolling-forecasts': rollingForecasts(options) }),
    'one-step-ahead': oneStepAhead(options),
    ...(horizon > 1 && { 'errors-by-horizon': errorsByHorizon(options) }),
    ...(quantiles.length > 1 && { calibration: calibration(evaluation, options.data.series) }),
    ...(records.length > 0 && { 'learning-curve': learningCurve(records) }),
  };
}

/** From starts spread over the test part, with what was before, the bands, and others' forecasts. */
function singleForecasts({ evaluation, data, rivals }: DrawingOptions): Record<string, Figure> {
  const { forecasts } = evaluation;
  const { starts, horizon, levels } = forecasts;
  const indices = Array.from({ length: SINGLE }, (_, place) => Math.floor(((place + 0.5) * starts.length) / SINGLE));
  return Object.fromEntries(
    indices.map((index, place) => {
      const start = starts[index]!;
      const x = stepsFrom(0, horizon);
      const at = (step: number, level: number): number =>
        forecasts.quantiles[(index * horizon + step) * levels.length + level]!;
      // Without quantiles the mean is the line.
      const quantiles: Record<number, number[]> = levels.includes(0.5)
        ? Object.fromEntries(levels.map((level, column) => [level, x.map((step) => at(step, column))]))
        : { 0.5: x.map((step) => forecasts.mean[index * horizon + step]!) };
      const figure = forecastChart({
        title: `Forecast of ${data.series.name}`,
        subtitle: `from ${timeText(data.series, start)}, ${horizon} steps`,
        xName: 'steps from the start',
        yName: 'value',
        actual: pointsOf(data.series, start, -2 * horizon, horizon),
        x,
        quantiles,
        others: Object.entries(rivals).map(([name, forecaster]) => {
          const values = forecaster.forecast(data.series, start, horizon);
          return { name, points: x.map((step) => [step, values[step]!] as const) };
        }),
      });
      return [`forecast-${place + 1}`, figure];
    }),
  );
}

/** Forecasts one after the other, each from where the last ended, each with its band. */
function rollingForecasts({ evaluation, data }: DrawingOptions): Figure {
  const { forecasts } = evaluation;
  const { starts, horizon, levels, mean, quantiles } = forecasts;
  const chosen: number[] = [];
  for (const [index, start] of Array.from(starts).entries())
    if (chosen.length < ROLLING && start >= (starts[chosen.at(-1) ?? -1] ?? -Infinity) + horizon) chosen.push(index);
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
    subtitle: `from ${timeText(data.series, first)}; each begins with the last value known`,
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

/** The first step of forecasts over what came. */
function oneStepAhead({ evaluation, data }: DrawingOptions): Figure {
  const { starts, horizon, mean } = evaluation.forecasts;
  const from = starts[0]!;
  const followed = Array.from(starts).filter((start) => start < from + FOLLOWED_STEPS);
  return lineChart({
    title: `${data.series.name}: one step ahead, over what came`,
    subtitle: `the test part from ${timeText(data.series, from)}`,
    xName: 'step',
    yName: 'value',
    width: 1000,
    lines: [
      { name: 'actual', points: pointsOf(data.series, from, 0, followed.at(-1)! + 1 - from) },
      { name: 'forecast', points: followed.map((start, index) => [start - from, mean[index * horizon]!]) },
    ],
  });
}

/** RMSE against steps ahead, the network's and everybody else's. */
function errorsByHorizon({ evaluation, baselineErrors }: DrawingOptions): Figure {
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

/** Whether what came is below each quantile as often as it says. */
function calibration({ forecasts }: SeriesEvaluation, { target }: Series): Figure {
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

/** So many epochs make a curve; of fewer, the steps do. */
const EPOCHS_OF_A_CURVE = 5;

/** Mean squared error, in squares of the scaled unit, or of symbols the cross-entropy, against epochs. */
export function learningCurve(records: readonly MetricRecord[], bound?: number): Figure {
  const hasError = records.some(({ metrics }) => metrics.meanSquaredError !== undefined);
  const metric = hasError ? 'meanSquaredError' : 'loss';
  const xName = Math.max(...records.map(({ epoch }) => epoch)) < EPOCHS_OF_A_CURVE ? 'step' : 'epoch';
  const points = (split: string, name: string) =>
    records.flatMap((record): [number, number][] => {
      const value = record.metrics[name];
      return record.split === split && value !== undefined ? [[record[xName], value]] : [];
    });
  const validation = points('validation', metric);
  const perEpoch = `epoch${metric.charAt(0).toUpperCase()}${metric.slice(1)}`;
  const lines = [
    { name: 'training', points: points('train', xName === 'epoch' ? perEpoch : metric) },
    { name: 'validation', points: validation },
  ];
  const ends = validation.length === 0 ? [] : [validation[0]![0], validation.at(-1)![0]];
  const optimum =
    bound === undefined ? [] : [{ name: 'optimum', points: ends.map((x) => [x, bound] as const), dashed: true }];
  return lineChart({
    title: 'Learning curve',
    xName,
    yName: hasError ? 'mean squared error (scaled)' : 'cross-entropy (nats)',
    lines: [...lines, ...optimum],
  });
}

function stepsFrom(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, step) => from + step);
}

/** The target from `from` up to `to`, counted from the start, as far as there is one. */
function pointsOf({ target }: Series, start: number, from: number, to: number): (readonly [number, number])[] {
  return stepsFrom(from, to - from).flatMap((step) => {
    const value = target[start + step];
    return value === undefined ? [] : [[step, value] as const];
  });
}

function timeText(series: Series, step: number): string {
  return new Date(timeAt(series, step) * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
