import { type EvaluationLimits, meanTerms } from '@motley/core';
import { fitBaselines, type Forecaster } from './baselines/index.ts';
import type { ForecastConfig } from './config.ts';
import type { SeriesData } from './data.ts';
import { forecastLoss } from './loss.ts';
import type { SeriesForecaster } from './model.ts';
import { forecastFrom, type Forecasts } from './predict.ts';
import type { PreparedSeries } from './preparation.ts';
import { errorsOf, type ForecastErrors } from './series/errors.ts';
import { forecastStarts } from './series/split.ts';
import { WindowBatches } from './windows.ts';

const EVALUATION_BATCH_SIZE = 512;

/** Steps ahead whose errors a summary names; figures and tables have them all. */
function namedSteps(horizon: number): number[] {
  const quarters = [1, horizon / 4, horizon / 2, horizon].map((steps) => Math.max(1, Math.round(steps)));
  return [...new Set(quarters)];
}

/** Where measured forecasts of a part begin. */
export function startsOf(
  { series, parts }: SeriesData,
  part: 'validation' | 'test',
  { model, evaluation }: ForecastConfig,
) {
  const { window, horizon } = model;
  return forecastStarts(parts[part], { horizon, window, stride: evaluation.startStride }, series);
}

/** The objective over a part, in the scaled unit: what the best checkpoint is chosen by. */
export function measure(
  model: SeriesForecaster,
  prepared: PreparedSeries,
  data: SeriesData,
  part: 'validation' | 'test',
  config: ForecastConfig,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const starts = startsOf(data, part, config);
  const batches = new WindowBatches(prepared, starts, { ...model.config, batchSize: EVALUATION_BATCH_SIZE });
  return meanTerms(
    batches,
    ({ targets, ...inputs }) => forecastLoss(model.forward(inputs), targets, model.config.quantiles, config.loss),
    limits,
  );
}

export interface Evaluation {
  readonly forecasts: Forecasts;
  readonly errors: ForecastErrors;
  /** The objective, errors in the series' unit, and the share of what came that was within each band. */
  readonly metrics: Record<string, number>;
}

/** Forecasts from many starts of the test part against what came. */
export async function evaluate(model: SeriesForecaster, data: SeriesData, config: ForecastConfig): Promise<Evaluation> {
  model.eval();
  const { series } = data;
  const { horizon } = model.config;
  const prepared = await model.preparation.apply(series);
  const starts = startsOf(data, 'test', config);
  const forecasts = await forecastFrom(model, prepared, starts);
  const errors = errorsOf(series, starts, horizon, (_, index) =>
    forecasts.mean.subarray(index * horizon, (index + 1) * horizon),
  );
  const objective = await measure(model, prepared, data, 'test', config);
  const metrics = { ...objective, ...summaryOf(errors, prepared.target.scale), ...coverages(series.target, forecasts) };
  return { forecasts, errors, metrics };
}

/** `rmse` and `mae` over all steps ahead, `rmseAtN` N steps ahead; `mse` in squares of the scaled unit. */
export function summaryOf(errors: ForecastErrors, scale: number): Record<string, number> {
  const { rootMeanSquaredError, meanAbsoluteError, rootMeanSquaredErrors } = errors;
  const steps = namedSteps(rootMeanSquaredErrors.length);
  return {
    rmse: rootMeanSquaredError,
    mae: meanAbsoluteError,
    ...Object.fromEntries(steps.map((step) => [`rmseAt${step}`, rootMeanSquaredErrors[step - 1]!])),
    scaledMse: (rootMeanSquaredError / scale) ** 2,
  };
}

/** `coverage90`: the share of values between the quantiles 0.05 and 0.95, and so on for each pair of levels. */
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

/** What NLinear is offered to read, in steps, at most: its fit grows with the square. */
const LONGEST_LINEAR_WINDOW = 400;

/** What needs no network, fitted on the training part; the optimum, where the series is generated, comes last. */
export function baselinesOf(data: SeriesData, { model, evaluation }: ForecastConfig): Record<string, Forecaster> {
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
