import type { RandomStream } from '@motley/core';
import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { ForecastConfig } from './config.ts';
import type { ScaledSeries } from './feature-scaler.ts';

/** A batch of windows: `observed`, `targets`, and `known` if there are known features. */
export type WindowBatch = Readonly<Record<'observed' | 'targets', tf.Tensor>> & { readonly known?: tf.Tensor };

type WindowShape = Pick<ForecastConfig['model'], 'forecast' | 'window' | 'horizon'>;

/** Steps of known features that a forecast reads. A direct one reads only the first step of its horizon. */
function knownSteps({ forecast, window, horizon }: WindowShape): number {
  return forecast === 'recursive' ? window + horizon - 1 : window;
}

/** Inputs of forecasts from each start (`SeriesForecaster.forward`). The caller owns the tensors. */
export function gatherInputs(
  series: ScaledSeries,
  shape: WindowShape,
  starts: ArrayLike<number>,
): { readonly observed: tf.Tensor; readonly known?: tf.Tensor } {
  const { window } = shape;
  const observed = gather(series.observed, 1 + series.pastCovariates, starts, -window, window);
  if (series.knownFeatures === 0) return { observed };
  return { observed, known: gather(series.known, series.knownFeatures, starts, 1 - window, knownSteps(shape)) };
}

/** [B, W - 1 + H]: the target at the steps s - W + 1 … s + H - 1 of each start s. */
function gatherTargets(series: ScaledSeries, { window, horizon }: WindowShape, starts: ArrayLike<number>): tf.Tensor {
  const width = 1 + series.pastCovariates;
  return tf.tidy(() => {
    const rows = gather(series.observed, width, starts, 1 - window, window - 1 + horizon);
    return tf.squeeze(tf.slice(rows, [0, 0, 0], [-1, -1, 1]), [2]);
  });
}

/** `steps` rows from `from` on, counted from each start: [B, steps, width]. */
function gather(rows: Float32Array, width: number, starts: ArrayLike<number>, from: number, steps: number): tf.Tensor {
  const values = new Float32Array(starts.length * steps * width);
  for (let index = 0; index < starts.length; index++) {
    const first = (starts[index]! + from) * width;
    values.set(rows.subarray(first, first + steps * width), index * steps * width);
  }
  return tf.tensor(values, [starts.length, steps, width]);
}

export interface WindowBatchesOptions extends WindowShape {
  readonly batchSize: number;
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
