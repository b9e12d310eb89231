import { meanTerms } from '@motley/core';
import type { EvaluationLimits } from '@motley/run';
import type { MarkovChain } from '@motley/core/generators';
import {
  chainOptimum,
  fitBaselines,
  linearStates,
  stateErrors,
  statePersistence,
  type Forecaster,
} from './baselines/index.ts';
import type { ForecastConfig } from './config.ts';
import type { SeriesData } from './data.ts';
import { forecastLoss, symbolLoss } from './loss.ts';
import type { SeriesForecaster, SymbolPredictor } from './model.ts';
import { forecastFrom, type Forecasts } from './predict.ts';
import type { PreparedSeries } from './preparation.ts';
import { errorsOf, forecastErrors, type ForecastErrors } from './series/errors.ts';
import { forecastStarts } from './series/split.ts';
import { symbolBatches, type SymbolData, type SymbolWindows } from './symbols.ts';
import { WindowBatches } from './windows.ts';

const EVALUATION_BATCH_SIZE = 512;
/** Steps that the linear model of symbols is fitted on: many times its weights. */
const LINEAR_STEPS = 50_000;

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

export interface SeriesEvaluation {
  readonly forecasts: Forecasts;
  readonly errors: ForecastErrors;
  /** The objective, errors in the series' unit, and the share of what came that was within each band. */
  readonly metrics: Record<string, number>;
}

/** Forecasts from many starts of the test part against what came. */
export async function evaluateSeries(
  model: SeriesForecaster,
  data: SeriesData,
  config: ForecastConfig,
): Promise<SeriesEvaluation> {
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

/** The baselines' errors from the starts that the network is measured from, by their names in reports. */
export function baselineErrors(data: SeriesData, config: ForecastConfig): Record<string, ForecastErrors> {
  const starts = startsOf(data, 'test', config);
  const entries = Object.entries(baselinesOf(data, config)).map(([name, forecaster]) => {
    return [name, forecastErrors(forecaster, data.series, starts, config.model.horizon)] as const;
  });
  return Object.fromEntries(entries);
}

/** Cross-entropy in nats and accuracy of the next symbol, from the step on where a series says something of it. */
export function evaluateSymbols(
  model: SymbolPredictor,
  windows: SymbolWindows,
  { delay }: MarkovChain,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const batches = symbolBatches(windows, EVALUATION_BATCH_SIZE / 2);
  return meanTerms(batches, ({ symbols, next }) => symbolLoss(model.forward(symbols), next, delay - 1), limits);
}

/**
 * What needs no network, at the steps that the network is measured at: persistence, a linear model of the last `lags`
 * symbols, fitted on the training part, and the chain itself, whose figures are the best that there can be.
 */
export function symbolBaselines(
  { chain, training, test }: SymbolData,
  lags: number,
): Record<string, { readonly loss: number; readonly accuracy: number }> {
  const { states, delay } = chain;
  const seen = { from: 0, to: Math.min(training.series.length, LINEAR_STEPS) };
  const predictors = {
    persistence: statePersistence(training.series, seen, states),
    linear: linearStates(training.series, seen, { states, lags }),
    optimum: chainOptimum(chain),
  };
  const measured = Object.entries(predictors).map(([name, predictor]) => {
    const sums = { count: 0, hits: 0, nats: 0 };
    for (let first = 0; first < test.series.length; first += test.window + 1) {
      const span = { from: first + delay, to: first + test.window + 1 };
      const { count, accuracy, nats } = stateErrors(predictor, test.series, span);
      sums.count += count;
      sums.hits += count * accuracy;
      sums.nats += count * nats;
    }
    return [name, { loss: sums.nats / sums.count, accuracy: sums.hits / sums.count }] as const;
  });
  return {
    ...Object.fromEntries(measured),
    entropyRate: { loss: chain.entropyRateInNats, accuracy: chain.optimalAccuracy },
  };
}
