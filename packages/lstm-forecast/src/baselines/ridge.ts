import { UserError } from '@motley/run';
import { Matrix } from 'ml-matrix';
import type { Series } from '../series/series.ts';
import type { SeriesParts, Span } from '../series/split.ts';
import { affineForecaster, chooseStrength, ridgeMap, type AffineMap } from './affine.ts';
import type { Forecaster } from './forecaster.ts';
import { windowMoments, type WindowMoments } from './window-moments.ts';

export interface LinearOptions {
  /** Steps ahead. */
  readonly horizon: number;
  /** Past values to read. */
  readonly window: number;
}

/** A forecaster fitted in closed form, with the penalty that the validation part chose. */
export interface FittedForecaster extends Forecaster {
  readonly strength: number;
}

/**
 * Ridge regression of every step ahead on the last `window` values.
 * @throws UserError where the training or validation part is shorter than a window
 */
export function directRidge(series: Series, parts: SeriesParts, options: LinearOptions): FittedForecaster {
  const { window, horizon } = options;
  const training = momentsOf(series, parts.training, window + horizon);
  const chosen = chooseStrength(
    (strength) => ridgeMap(training, window, strength),
    validationMoments(series, parts, options),
  );
  return fitted(`ridge, ${window} lags, direct`, chosen);
}

/**
 * Ridge regression of the next value on the last `window` values, with its own forecasts fed back.
 * @throws UserError where the training or validation part is shorter than a window
 */
export function recursiveRidge(series: Series, parts: SeriesParts, options: LinearOptions): FittedForecaster {
  const { window, horizon } = options;
  const training = momentsOf(series, parts.training, window + 1);
  const chosen = chooseStrength(
    (strength) => rolledOut(ridgeMap(training, window, strength), horizon),
    validationMoments(series, parts, options),
  );
  return fitted(`ridge, ${window} lags, recursive`, chosen);
}

export function fitted(name: string, { map, strength }: { map: AffineMap; strength: number }): FittedForecaster {
  return { ...affineForecaster(name, map), strength };
}

/** Moments of the windows whose targets lie in the validation part; their inputs may be older. */
export function validationMoments(
  series: Series,
  { training, validation }: SeriesParts,
  { window, horizon }: LinearOptions,
): WindowMoments {
  const from = Math.max(training.from, validation.from - window);
  return momentsOf(series, { from, to: validation.to }, window + horizon);
}

export function momentsOf(series: Series, span: Span, size: number): WindowMoments {
  if (span.to - span.from < size)
    throw new UserError(
      `series ${series.name}, steps ${span.from} to ${span.to}: expected at least ${size} steps for a window and what comes after it, got ${span.to - span.from}`,
    );
  return windowMoments(series.target, span, size);
}

/** Extends a one-step map to `horizon` steps by feeding its forecasts back, which is affine, too. */
export function rolledOut({ weights, bias }: AffineMap, horizon: number): AffineMap {
  const window = weights.columns;
  // Past values and forecasts so far, each as weights of the past values and a constant.
  const terms = Array.from({ length: window }, (_, place) =>
    Float64Array.from({ length: window + 1 }, (__, at) => (at === place ? 1 : 0)),
  );
  for (let step = 0; step < horizon; step++) {
    const next = new Float64Array(window + 1);
    next[window] = bias[0]!;
    for (let place = 0; place < window; place++)
      for (let at = 0; at <= window; at++) next[at]! += weights.get(0, place) * terms[step + place]![at]!;
    terms.push(next);
  }
  const forecasts = terms.slice(window);
  return {
    weights: new Matrix(forecasts.map((term) => Array.from(term.subarray(0, window)))),
    bias: Float64Array.from(forecasts, (term) => term[window]!),
  };
}
