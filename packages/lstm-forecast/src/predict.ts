import * as tf from '@tensorflow/tfjs-core';
import type { SeriesForecaster } from './model.ts';
import type { PreparedSeries } from './preparation.ts';
import { gatherInputs } from './windows.ts';

/** Forecasts from several starts, in the target's unit. */
export interface Forecasts {
  readonly starts: ArrayLike<number>;
  /** H */
  readonly horizon: number;
  /** Q, ascending. */
  readonly levels: readonly number[];
  /** [N, H] */
  readonly mean: Float64Array;
  /** [N, H, Q] */
  readonly quantiles: Float64Array;
}

/** There is no gradient to hold. */
const BATCH_SIZE = 512;

/**
 * Forecasts of a series from each of `starts` (the first step that is forecast), which read nothing that was observed at
 * that step or later. Starts have at least a window before them, and what is known ahead up to their horizon's end.
 * @throws RangeError where a start has not
 */
export async function forecastFrom(
  model: SeriesForecaster,
  series: PreparedSeries,
  starts: ArrayLike<number>,
): Promise<Forecasts> {
  const { window, horizon, quantiles: levels } = model.config;
  const stray = Array.from(starts).find((start) => start < window || start + horizon > series.length);
  if (stray !== undefined)
    throw new RangeError(`forecast: expected starts from ${window} to ${series.length - horizon}, got ${stray}`);
  const mean = new Float64Array(starts.length * horizon);
  const quantiles = new Float64Array(starts.length * horizon * levels.length);
  const { offset, scale, base } = series.target;
  for (let first = 0; first < starts.length; first += BATCH_SIZE) {
    const some = Array.from(starts).slice(first, first + BATCH_SIZE);
    const inUnit = (values: Float32Array, perStep: number): Float64Array =>
      Float64Array.from(values, (value, index) => {
        const place = Math.floor(index / perStep);
        return value * scale + offset + base[some[Math.floor(place / horizon)]! + (place % horizon)]!;
      });
    const forecast = tf.tidy(() => model.forward(gatherInputs(series, model.config, some)));
    mean.set(inUnit(await forecast.mean.data<'float32'>(), 1), first * horizon);
    if (levels.length > 0)
      quantiles.set(inUnit(await forecast.quantiles.data<'float32'>(), levels.length), first * horizon * levels.length);
    tf.dispose(forecast);
  }
  return { starts, horizon, levels, mean, quantiles };
}
