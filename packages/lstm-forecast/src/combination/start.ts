import * as tf from '@tensorflow/tfjs-core';
import type { SeriesData } from '../data.ts';
import type { CorrectedForecasts, ScaledSeries } from '../feature-scaler.ts';
import { quantileOutputs } from '../linear-initialization.ts';
import type { SeriesForecaster } from '../model.ts';
import type { ForecastSettings } from '../settings.ts';
import { fitCombination, type MethodShare } from './fit-combination.ts';
import type { LinearCombination } from './linear-combination.ts';
import { levelBefore, LinearPath, type PathScales } from './linear-path.ts';

/** Smallest unit of errors over that of changes: a series without noise has none of its own. */
const SMALLEST_ERROR = 1e-4;
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
  const { combination, shares } = fitCombination(series, parts, {
    horizon,
    seasons: data.seasons.filter((season) => season > 1),
  });
  const path = LinearPath.of(combination, series);
  path.describe({ ...scalesOf(data, combination, window), window });
  return { path, shares };
}

/**
 * Root mean squares in the training part: of a combination's errors, and of the distances from a window's last value.
 * They are shares of the window's level where all values are positive and that makes the errors likelier, as normal
 * values of one deviation.
 */
function scalesOf(
  { series, parts }: SeriesData,
  combination: LinearCombination,
  window: number,
): Omit<PathScales, 'window'> {
  const { target } = series;
  const { horizon } = combination;
  const first = Math.max(window, combination.window);
  const last = parts.training.to - horizon;
  const stride = Math.max(1, Math.floor((last - first) / MEASURED_WINDOWS));
  const from = combination.on(series);
  const level = levelBefore(target, window);
  const measured = Array.from({ length: Math.max(0, Math.floor((last - first) / stride) + 1) }, (_, index) => {
    const start = first + index * stride;
    const forecast = from(start);
    const errors = forecast.map((value, step) => target[start + step]! - value);
    const changes = target.slice(start - window, start).map((value) => value - target[start - 1]!);
    return { level: level(start), errors: meanSquare(errors), changes: meanSquare(changes) };
  });
  const mean = (of: (each: (typeof measured)[number]) => number): number =>
    measured.reduce((sum, each) => sum + of(each), 0) / Math.max(1, measured.length);
  const absolute = Math.sqrt(mean(({ errors }) => errors));
  const relative = Math.sqrt(mean((each) => each.errors / each.level ** 2));
  const isPositive = target.subarray(0, parts.training.to).every((value) => value > 0);
  const isRelative = isPositive && Math.log(relative) + mean((each) => Math.log(each.level)) < Math.log(absolute);
  const change = Math.sqrt(mean((each) => each.changes / (isRelative ? each.level ** 2 : 1)));
  const error = Math.max(isRelative ? relative : absolute, SMALLEST_ERROR * change);
  return { error: error || 1, change: change || 1, isRelative };
}

function meanSquare(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
}

/** Starts a network at the forecasts that it corrects: no correction, and quantiles as their errors suggest. */
export function startCorrection(
  { head, config }: SeriesForecaster,
  { corrected }: ScaledSeries,
  starts: Int32Array,
): void {
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
