import type { RandomStream } from '@motley/core';
import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { CorrectedForecasts, ScaledSeries } from './feature-scaler.ts';
import type { ForecastSettings } from './settings.ts';

/** A batch of windows: `observed`, `targets`, `known` if there are known features, `base` if there are forecasts to correct. */
export type WindowBatch = Readonly<Record<'observed' | 'targets', tf.Tensor>> & {
  readonly known?: tf.Tensor;
  readonly base?: tf.Tensor;
};

type WindowShape = Pick<ForecastSettings['model'], 'forecast' | 'window' | 'horizon'>;

/** Steps of known features that a forecast reads. A direct one reads only the first step of its horizon. */
function knownSteps({ forecast, window, horizon }: WindowShape): number {
  return forecast === 'recursive' ? window + horizon - 1 : window;
}

/** Inputs of forecasts from each start (`SeriesForecaster.forward`). The caller owns the tensors. */
export function gatherInputs(
  series: ScaledSeries,
  shape: WindowShape,
  starts: ArrayLike<number>,
): Pick<WindowBatch, 'observed' | 'known' | 'base'> {
  const { window } = shape;
  const { corrected } = series;
  const width = 1 + series.pastCovariates;
  const values = gatherValues(series.observed, width, starts, -window, window);
  if (corrected !== undefined) countFromLast(values, width, corrected, starts, window);
  return {
    observed: tf.tensor(values, [starts.length, window, width]),
    ...(series.knownFeatures > 0 && {
      known: gather(series.known, series.knownFeatures, starts, 1 - window, knownSteps(shape)),
    }),
    ...(corrected !== undefined && { base: relativeForecasts(corrected, shape, starts) }),
  };
}

/** Replaces the targets of windows by their distance from the last value, in units of the changes. */
function countFromLast(
  values: Float32Array,
  width: number,
  { target, changeUnit }: CorrectedForecasts,
  starts: ArrayLike<number>,
  window: number,
): void {
  for (let index = 0; index < starts.length; index++) {
    const [first, last] = [starts[index]! - window, target[starts[index]! - 1]!];
    const unit = changeUnit(starts[index]!);
    for (let step = 0; step < window; step++)
      values[(index * window + step) * width] = (target[first + step]! - last) / unit;
  }
}

/** [B, H]: the forecasts to correct, counted from the last value, in units of their errors. */
function relativeForecasts(
  { target, from, errorUnit }: CorrectedForecasts,
  { horizon }: WindowShape,
  starts: ArrayLike<number>,
): tf.Tensor {
  const values = new Float32Array(starts.length * horizon);
  for (let index = 0; index < starts.length; index++) {
    const last = target[starts[index]! - 1]!;
    const unit = errorUnit(starts[index]!);
    values.set(
      from(starts[index]!).map((value) => (value - last) / unit),
      index * horizon,
    );
  }
  return tf.tensor2d(values, [starts.length, horizon]);
}

/**
 * [B, W - 1 + H]: the target at the steps s - W + 1 … s + H - 1 of each start s. Targets to train on are clipped like
 * the inputs; those to measure errors by are not. Where forecasts are corrected, there are H targets of the horizon,
 * counted from the last value, without clipping.
 */
function gatherTargets(
  series: ScaledSeries,
  { window, horizon, clipTargets }: WindowShape & Pick<WindowBatchesOptions, 'clipTargets'>,
  starts: ArrayLike<number>,
): tf.Tensor {
  const { corrected, measured, observed, pastCovariates } = series;
  if (corrected !== undefined) {
    const { target, errorUnit } = corrected;
    const counted = (value: number, start: number): number => (value - target[start - 1]!) / errorUnit(start);
    const values = gatherValues(target, 1, starts, 0, horizon, counted);
    return tf.tensor2d(values, [starts.length, horizon]);
  }
  const steps = window - 1 + horizon;
  if (!clipTargets) return tf.tensor2d(gatherValues(measured, 1, starts, 1 - window, steps), [starts.length, steps]);
  return tf.tidy(() => {
    const rows = gather(observed, 1 + pastCovariates, starts, 1 - window, steps);
    return tf.squeeze(tf.slice(rows, [0, 0, 0], [-1, -1, 1]), [2]);
  });
}

/** `steps` rows from `from` on, counted from each start: [B, steps, width]. */
function gather(rows: Float32Array, width: number, starts: ArrayLike<number>, from: number, steps: number): tf.Tensor {
  return tf.tensor(gatherValues(rows, width, starts, from, steps), [starts.length, steps, width]);
}

/** The values of `gather`, each by `as` if given. */
function gatherValues(
  rows: Float32Array | Float64Array,
  width: number,
  starts: ArrayLike<number>,
  from: number,
  steps: number,
  as?: (value: number, start: number) => number,
): Float32Array {
  const values = new Float32Array(starts.length * steps * width);
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index]!;
    const first = (start + from) * width;
    const own = rows.subarray(first, first + steps * width);
    values.set(as === undefined ? own : own.map((value) => as(value, start)), index * steps * width);
  }
  return values;
}

export interface WindowBatchesOptions extends WindowShape {
  readonly batchSize: number;
  /** Whether targets are clipped like inputs. Default false. */
  readonly clipTargets?: boolean;
  /** Shuffles every epoch. Without it the starts keep their order. */
  readonly random?: RandomStream;
}

/** Batches of the windows before `starts`. */
export class WindowBatches implements BatchSource<WindowBatch> {
  readonly batchesPerEpoch: number;
  readonly #series: ScaledSeries;
  readonly #starts: Int32Array;
  readonly #options: WindowBatchesOptions;

  constructor(series: ScaledSeries, starts: Int32Array, options: WindowBatchesOptions) {
    this.#series = series;
    this.#starts = starts;
    this.#options = options;
    // A shuffled epoch has whole batches only, so that a compiled step has one shape.
    const batches = starts.length / options.batchSize;
    this.batchesPerEpoch = options.random && batches > 1 ? Math.floor(batches) : Math.ceil(batches);
  }

  *batches(epoch: number, firstBatch = 0): Generator<WindowBatch> {
    const { batchSize, random } = this.#options;
    const order = random?.fork(epoch).permutation(this.#starts.length);
    for (let batch = firstBatch; batch < this.batchesPerEpoch; batch++) {
      const places = this.#starts.subarray(batch * batchSize, (batch + 1) * batchSize);
      const starts = places.map((start, index) => (order ? this.#starts[order[batch * batchSize + index]!]! : start));
      yield {
        ...gatherInputs(this.#series, this.#options, starts),
        targets: gatherTargets(this.#series, this.#options, starts),
      };
    }
  }
}
