import * as tf from '@tensorflow/tfjs-core';
import type { ScaledSeries } from './feature-scaler.ts';
import type { SeriesForecaster } from './model.ts';
import { gatherInputs } from './windows.ts';

/** Forecasts from several starts, in the unit of the target. */
export interface Forecasts {
  readonly starts: ArrayLike<number>;
  /** H */
  readonly horizon: number;
  /** [Q], ascending. */
  readonly levels: readonly number[];
  /** [N, H] */
  readonly mean: Float64Array;
  /** [N, H, Q] */
  readonly quantiles: Float64Array;
}

const BATCH_SIZE = 512;

/**
 * Forecasts a series from each start, which is the first step to forecast. A forecast reads nothing that was observed
 * at its start or later.
 * @throws RangeError where a start has less than a window before it, or less than a horizon after it
 */
export async function forecastFrom(
  model: SeriesForecaster,
  series: ScaledSeries,
  starts: ArrayLike<number>,
): Promise<Forecasts> {
  const { window, horizon, quantiles: levels } = model.config;
  const invalid = Array.from(starts).find((start) => start < window || start + horizon > series.length);
  if (invalid !== undefined)
    throw new RangeError(`forecast: expected starts from ${window} to ${series.length - horizon}, got ${invalid}`);
  const mean = new Float64Array(starts.length * horizon);
  const quantiles = new Float64Array(starts.length * horizon * levels.length);
  const inUnitOf = unitOf(series);
  for (let first = 0; first < starts.length; first += BATCH_SIZE) {
    const some = Array.from(starts).slice(first, first + BATCH_SIZE);
    const inUnit = (values: Float32Array, perStep: number): Float64Array =>
      Float64Array.from(values, (value, index) => {
        const place = Math.floor(index / perStep);
        return inUnitOf(value, some[Math.floor(place / horizon)]!, place % horizon);
      });
    const forecast = tf.tidy(() => model.forward(gatherInputs(series, model.config, some)));
    mean.set(inUnit(await forecast.mean.data<'float32'>(), 1), first * horizon);
    if (levels.length > 0)
      quantiles.set(inUnit(await forecast.quantiles.data<'float32'>(), levels.length), first * horizon * levels.length);
    tf.dispose(forecast);
  }
  return { starts, horizon, levels, mean, quantiles };
}

/** Turns a network's value at a step after a start into the unit of the target. */
function unitOf({ corrected, target }: ScaledSeries): (value: number, start: number, step: number) => number {
  if (corrected !== undefined)
    return (value, start) => value * corrected.errorUnit(start) + corrected.target[start - 1]!;
  const { offset, scale, base } = target;
  return (value, start, step) => value * scale + offset + base[start + step]!;
}
