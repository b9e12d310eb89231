import * as tf from '@tensorflow/tfjs-core';
import type { SeriesData } from '../data.ts';
import type { CorrectedForecasts, ScaledSeries } from '../feature-scaler.ts';
import { quantileOutputs } from '../linear-initialization.ts';
import type { SeriesForecaster } from '../model.ts';
import type { ForecastSettings } from '../settings.ts';
import { fitCombination, type MethodShare } from './fit-combination.ts';
import type { LinearCombination } from './linear-combination.ts';
import { levelBefore, LinearPath } from './linear-path.ts';

/** Windows that the scales are measured on. */
const MEASURED_WINDOWS = 2000;

/**
 * Fits the linear methods that a network corrects.
 * @throws UserError where the series is too short
 */
export function fitPath(
  data: SeriesData,
  { horizon, window }: Pick<ForecastSettings['model'], 'horizon' | 'window'>,
): { readonly path: LinearPath; readonly shares: readonly MethodShare[] } {
  const { series, parts } = data;
  const { combination, shares } = fitCombination(series, parts, { horizon, seasons: data.seasons.filter((season) => season > 1) });
  const path = LinearPath.of(combination, series);
  const logarithms = shares.reduce((sum, { space, share }) => sum + (space.scale === 'logarithm' ? share : 0), 0);
  const level = logarithms > 0.5 ? levelBefore(series.target, window) : () => 1;
  path.describe({ ...scalesOf(data, combination, window, level), window, isRelative: logarithms > 0.5 });
  return { path, shares };
}

/**
 * Root mean squares in the training part, over a window's level: of a combination's errors, and of the distances from
 * the last value.
 */
function scalesOf(
  { series, parts }: SeriesData,
  combination: LinearCombination,
  window: number,
  level: (start: number) => number,
) {
  const { target } = series;
  const { horizon } = combination;
  const first = Math.max(window, combination.window);
  const last = parts.training.to - horizon;
  const stride = Math.max(1, Math.floor((last - first) / MEASURED_WINDOWS));
  const from = combination.on(series);
  let [errors, changes, count] = [0, 0, 0];
  for (let start = first; start <= last; start += stride) {
    const forecast = from(start);
    const unit = level(start) ** 2;
    for (let step = 0; step < horizon; step++) errors += (target[start + step]! - forecast[step]!) ** 2 / unit / horizon;
    for (let step = 1; step <= window; step++) changes += (target[start - step]! - target[start - 1]!) ** 2 / unit / window;
    count++;
  }
  return { error: Math.sqrt(errors / count) || 1, change: Math.sqrt(changes / count) || 1 };
}

/** Starts a network at the forecasts that it corrects: no correction, and quantiles as their errors suggest. */
export function startCorrection({ head, config }: SeriesForecaster, { corrected }: ScaledSeries, starts: Int32Array): void {
  if (corrected === undefined) throw new RangeError('start of a correction: expected forecasts to correct, got none');
  const { horizon, quantiles: levels } = config;
  const outputs = 1 + levels.length;
  const bias = new Float32Array(horizon * outputs);
  const { deviations, standardized } = errorsFrom(corrected, horizon, starts);
  for (let step = 0; step < horizon; step++) {
    const quantiles = levels.map((level) => deviations[step]! * quantileOf(standardized, level));
    bias.set(quantileOutputs(quantiles), step * outputs + 1);
  }
  tf.tidy(() => {
    head.weight.assign(tf.zerosLike(head.weight));
    head.bias!.assign(tf.tensor1d(bias));
  });
}

/**
 * Errors in their unit: the deviation at each step ahead, and all errors over the deviation of their step with both
 * signs, ascending. Few forecasts are enough for quantiles, as all steps share one shape; the sign of so few says little.
 */
function errorsFrom({ target, from, errorUnit }: CorrectedForecasts, horizon: number, starts: Int32Array) {
  const errors = Array.from(starts, (start) =>
    from(start).map((value, step) => (target[start + step]! - value) / errorUnit(start)),
  );
  const deviations = Float64Array.from({ length: horizon }, (_, step) =>
    Math.sqrt(errors.reduce((sum, each) => sum + each[step]! ** 2, 0) / errors.length),
  );
  const standardized = Float64Array.from(
    errors.flatMap((each) =>
      Array.from(each, (error, step) => error / (deviations[step]! || 1)).flatMap((value) => [-value, value]),
    ),
  ).sort();
  return { deviations, standardized };
}

function quantileOf(sorted: Float64Array, level: number): number {
  return sorted[Math.round(level * (sorted.length - 1))]!;
}
