import { buffer, Module, type ScalerKind } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { clip, fitBounds, fitScaler, type Bounds } from './series/features.ts';
import type { Series } from './series/series.ts';
import type { Span } from './series/split.ts';

/** Forecasts that a network corrects, in the series' unit. */
export interface CorrectedForecasts {
  /** `[length]`, as measured. */
  readonly target: Float64Array;
  /** Steps that they read before a start. */
  readonly window: number;
  /** Forecasts from a start, `[horizon]`. */
  readonly from: (start: number) => Float64Array;
  /** Unit of the targets and corrections of a start, which are counted from the last value before it. */
  readonly errorUnit: (start: number) => number;
  /** Unit of the values that the network reads before a start, which are counted from the last one. */
  readonly changeUnit: (start: number) => number;
}

/** A series as the network reads it: clipped, scaled, in float32. */
export interface ScaledSeries {
  readonly length: number;
  /** Forecasts to correct, if the network corrects any. */
  readonly corrected?: CorrectedForecasts;
  /** [length, 1 + P]: the target, then the covariates that are not known ahead. */
  readonly observed: Float32Array;
  /** [length]: the target without clipping, which errors are measured against. */
  readonly measured: Float32Array;
  /** [length, K]: the covariates known ahead. */
  readonly known: Float32Array;
  readonly pastCovariates: number;
  readonly knownFeatures: number;
  /** Scaling of the target: (target - base - offset) / scale. */
  readonly target: {
    readonly offset: number;
    readonly scale: number;
    /** [length]: the value a season before, in the first season the value itself; 0 without a season. */
    readonly base: Float64Array;
  };
}

export interface FeatureScalerOptions {
  readonly scaling: ScalerKind;
  /** Share of the training part to clip at each end; 0 clips nothing. */
  readonly clip: number;
}

function baseOf({ target }: Series, season: number): Float64Array {
  return target.map((_, step) => (season === 0 ? 0 : (target[step - season] ?? target[step]!)));
}

/** Columns in the order of the network's inputs: target, past covariates, covariates known ahead. */
function columnsOf({ covariates, knownAhead, target: values }: Series, base: Float64Array) {
  const target = values.map((value, step) => value - base[step]!);
  const past = Object.keys(covariates).filter((name) => !knownAhead.includes(name));
  const known = Object.keys(covariates).filter((name) => knownAhead.includes(name));
  return { past, known, columns: [target, ...[...past, ...known].map((name) => covariates[name]!)] };
}

/** Number of columns of each kind. */
export function widthsOf({ covariates, knownAhead }: Series): {
  readonly pastCovariates: number;
  readonly knownFeatures: number;
} {
  const names = Object.keys(covariates);
  const known = names.filter((name) => knownAhead.includes(name)).length;
  return { pastCovariates: names.length - known, knownFeatures: known };
}

/**
 * Clips and scales the columns of a series. Bounds and scales are fitted on the training part and kept as buffers, so
 * that a checkpoint holds them.
 */
export class FeatureScaler extends Module {
  /** Bounds, counted from the offset: [1 + P + K]. */
  readonly low: tf.Variable;
  readonly high: tf.Variable;
  /** Offset in two parts, whose sum has the digits of a float64: signals on a large level keep theirs. */
  readonly offset: tf.Variable;
  readonly offsetRemainder: tf.Variable;
  readonly scale: tf.Variable;

  /** Season length in steps, whose value is subtracted from the target; 0: none. */
  readonly season: number;

  /** The identity, until it is fitted or loaded. */
  constructor(columns: number, season = 0) {
    super();
    this.season = season;
    this.low = buffer(tf.fill([columns], -Infinity));
    this.high = buffer(tf.fill([columns], Infinity));
    this.offset = buffer(tf.zeros([columns]));
    this.offsetRemainder = buffer(tf.zeros([columns]));
    this.scale = buffer(tf.ones([columns]));
  }

  /** Fits bounds and scales on the training part alone. */
  fit(series: Series, training: Span, options: FeatureScalerOptions): void {
    const { columns } = columnsOf(series, baseOf(series, this.season));
    const bounds = columns.map((column) => boundsOf(column, training, options.clip));
    const clipped = columns.map((column, index) => clip(column, bounds[index]!));
    const { offsets, scales } = fitScaler(options.scaling, clipped, training);
    const set = (variable: tf.Variable, values: readonly number[]): void => {
      tf.tidy(() => {
        variable.assign(tf.tensor1d([...values]));
      });
    };
    set(
      this.low,
      bounds.map(({ minimum }, column) => minimum - offsets[column]!),
    );
    set(
      this.high,
      bounds.map(({ maximum }, column) => maximum - offsets[column]!),
    );
    set(this.offset, offsets);
    set(
      this.offsetRemainder,
      offsets.map((offset) => offset - Math.fround(offset)),
    );
    set(this.scale, scales);
  }

  /**
   * Clips and scales a series.
   * @throws RangeError where it has another number of columns
   */
  async apply(series: Series): Promise<ScaledSeries> {
    const base = baseOf(series, this.season);
    const { past, known, columns } = columnsOf(series, base);
    const [low, high, coarse, remainder, scale] = await Promise.all(
      [this.low, this.high, this.offset, this.offsetRemainder, this.scale].map((variable) =>
        variable.data<'float32'>(),
      ),
    );
    const offset = Float64Array.from(coarse!, (value, column) => value + remainder![column]!);
    if (columns.length !== scale!.length)
      throw new RangeError(`series ${series.name}: expected ${scale!.length} columns, got ${columns.length}`);
    const counted = columns.map((column, index) => column.map((value) => value - offset[index]!));
    const scaled = counted.map((column, index) =>
      clip(column, { minimum: low![index]!, maximum: high![index]! }).map((value) => value / scale![index]!),
    );
    return {
      length: series.length,
      observed: rowsOf(scaled.slice(0, 1 + past.length), series.length),
      measured: Float32Array.from(counted[0]!, (value) => value / scale![0]!),
      known: rowsOf(scaled.slice(1 + past.length), series.length),
      pastCovariates: past.length,
      knownFeatures: known.length,
      target: { offset: offset[0]!, scale: scale![0]!, base },
    };
  }
}

function boundsOf(column: Float64Array, training: Span, share: number): Bounds {
  return share === 0 ? { minimum: -Infinity, maximum: Infinity } : fitBounds(column, training, share);
}

/** Columns side by side: [length, columns]. */
function rowsOf(columns: readonly Float64Array[], length: number): Float32Array {
  const rows = new Float32Array(length * columns.length);
  for (const [place, column] of columns.entries())
    for (let step = 0; step < length; step++) rows[step * columns.length + place] = column[step]!;
  return rows;
}
