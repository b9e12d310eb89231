import { meanTerms } from '@motley/core';
import type { EvaluationLimits } from '@motley/run';
import { fitBaselines, type Forecaster } from './baselines/index.ts';
import type { SeriesData } from './data.ts';
import type { ScaledSeries } from './feature-scaler.ts';
import { forecastLoss } from './loss.ts';
import type { SeriesForecaster } from './model.ts';
import { forecastFrom, type Forecasts } from './predict.ts';
import { errorsOf, type ForecastErrors } from './series/errors.ts';
import { forecastStarts } from './series/split.ts';
import type { ForecastSettings } from './settings.ts';
import { WindowBatches } from './windows.ts';

const EVALUATION_BATCH_SIZE = 512;

/** Steps ahead whose errors a summary lists; figures and tables have all of them. */
function reportedSteps(horizon: number): number[] {
  const quarters = [1, horizon / 4, horizon / 2, horizon].map((steps) => Math.max(1, Math.round(steps)));
  return [...new Set(quarters)];
}

/** Starts of the measured forecasts of a part. */
export function startsOf(
  { series, parts }: SeriesData,
  part: 'validation' | 'test',
  { model, evaluation }: ForecastSettings,
) {
  const { window, horizon } = model;
  return forecastStarts(parts[part], { horizon, window, stride: evaluation.startStride }, series);
}

/** Mean loss terms over a part, in the scaled unit. The validation part's choose the checkpoint. */
export function meanLoss(
  model: SeriesForecaster,
  scaled: ScaledSeries,
  data: SeriesData,
  part: 'validation' | 'test',
  config: ForecastSettings,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const starts = startsOf(data, part, config);
  const batches = new WindowBatches(scaled, starts, { ...model.config, batchSize: EVALUATION_BATCH_SIZE });
  return meanTerms(
    batches,
    ({ targets, ...inputs }) => forecastLoss(model.forward(inputs), targets, model.config.quantiles, config.loss),
    limits,
  );
}

export interface Evaluation {
  readonly forecasts: Forecasts;
  readonly errors: ForecastErrors;
  /** Loss terms, errors in the series' unit, and the share of values within each band. */
  readonly metrics: Record<string, number>;
}

/** Measures forecasts from many starts of the test part. */
export async function evaluate(
  model: SeriesForecaster,
  data: SeriesData,
  config: ForecastSettings,
): Promise<Evaluation> {
  model.eval();
  const { series } = data;
  const { horizon } = model.config;
  const scaled = await model.scale(series);
  const starts = startsOf(data, 'test', config);
  const forecasts = await forecastFrom(model, scaled, starts);
  const errors = errorsOf(series, starts, horizon, (_, index) =>
    forecasts.mean.subarray(index * horizon, (index + 1) * horizon),
  );
  const terms = await meanLoss(model, scaled, data, 'test', config);
  const metrics = { ...terms, ...summaryOf(errors, scaled.target.scale), ...coverages(series.target, forecasts) };
  return { forecasts, errors, metrics };
}

/** `rmse` and `mae` over all steps ahead, `rmseAtN` N steps ahead, `scaledMse` in squares of the scaled unit. */
export function summaryOf(errors: ForecastErrors, scale: number): Record<string, number> {
  const { rootMeanSquaredError, meanAbsoluteError, rootMeanSquaredErrors } = errors;
  const steps = reportedSteps(rootMeanSquaredErrors.length);
  return {
    rmse: rootMeanSquaredError,
    mae: meanAbsoluteError,
    ...Object.fromEntries(steps.map((step) => [`rmseAt${step}`, rootMeanSquaredErrors[step - 1]!])),
    scaledMse: (rootMeanSquaredError / scale) ** 2,
  };
}

/** Share of values within each central band: `coverage90` between the quantiles 0.05 and 0.95, and so on. */
export function coverages(
  target: Float64Array,
  { starts, horizon, levels, quantiles }: Forecasts,
): Record<string, number> {
  const pairs = levels.flatMap((level, low) => {
    const high = levels.findIndex((other) => Math.abs(level + other - 1) < 1e-9);
    return high > low ? [{ low, high, name: `coverage${Math.round((levels[high]! - level) * 100)}` }] : [];
  });
  const count = starts.length * horizon;
  return Object.fromEntries(
    pairs.map(({ low, high, name }) => {
      let within = 0;
      for (let index = 0; index < count; index++) {
        const actual = target[starts[Math.floor(index / horizon)]! + (index % horizon)]!;
        const first = index * levels.length;
        if (actual >= quantiles[first + low]! && actual <= quantiles[first + high]!) within++;
      }
      return [name, within / count];
    }),
  );
}

/** Longest window of NLinear, in steps: the cost of its fit grows with the square. */
const LONGEST_LINEAR_WINDOW = 400;

/** Baselines fitted on the training part; for a generated series the optimum comes last. */
export function baselinesOf(data: SeriesData, { model, evaluation }: ForecastSettings): Record<string, Forecaster> {
  const { series, parts, seasons, optimum } = data;
  const { horizon, window } = model;
  const lags = evaluation.ridgeLags;
  const longest = Math.min(LONGEST_LINEAR_WINDOW, Math.floor(parts.training.to / 4));
  const windows = [...new Set([lags, window, ...seasons])].filter((steps) => steps > 1 && steps <= longest);
  return {
    ...fitBaselines(series, parts, { horizon, lags, seasons, windows }),
    ...(optimum === undefined ? {} : { optimum }),
  };
}
