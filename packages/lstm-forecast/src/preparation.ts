import { buffer, Module, type ScalerKind } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { clip, fitBounds, fitScaler, type Bounds } from './series/features.ts';
import type { Series } from './series/series.ts';
import type { Span } from './series/split.ts';

/** A series as the network reads it: clipped, scaled, float32. */
export interface PreparedSeries {
  readonly length: number;
  /** [length, 1 + P]: the target, then the covariates that are known only when they are measured. */
  readonly observed: Float32Array;
  /** [length, K]: the covariates that are known ahead. */
  readonly known: Float32Array;
  readonly pastCovariates: number;
  readonly knownFeatures: number;
  /** The network's target is (target - base - offset) / scale. */
  readonly target: {
    readonly offset: number;
    readonly scale: number;
    /** [length]: the value a season before; 0 where there are no seasons, the value itself in the first. */
    readonly base: Float64Array;
  };
}

export interface PreparationOptions {
  readonly scaling: ScalerKind;
  /** Share of the training part beyond the bounds, at each end; 0 leaves outliers as they are. */
  readonly clip: number;
}

/** [length]: the value a season before each, or itself in the first season; 0 where there are no seasons. */
function baseOf({ target }: Series, season: number): Float64Array {
  return target.map((_, step) => (season === 0 ? 0 : (target[step - season] ?? target[step]!)));
}

/** The columns of a series in the order of the network's inputs: target, past covariates, known ones. */
function columnsOf({ covariates, knownAhead, target: values }: Series, base: Float64Array) {
  const target = values.map((value, step) => value - base[step]!);
  const past = Object.keys(covariates).filter((name) => !knownAhead.includes(name));
  const known = Object.keys(covariates).filter((name) => knownAhead.includes(name));
  return { past, known, columns: [target, ...[...past, ...known].map((name) => covariates[name]!)] };
}

/** How many columns of each kind a series has. */
export function widthsOf({ covariates, knownAhead }: Series): {
  readonly pastCovariates: number;
  readonly knownFeatures: number;
} {
  const names = Object.keys(covariates);
  const known = names.filter((name) => knownAhead.includes(name)).length;
  return { pastCovariates: names.length - known, knownFeatures: known };
}

/**
 * How columns were clipped and scaled: learnt of the training part, kept with the weights as buffers, so that a
 * checkpoint is all that a forecast needs.
 */
export class Preparation extends Module {
  readonly low: tf.Variable; // [1 + P + K]
  readonly high: tf.Variable;
  readonly offset: tf.Variable;
  readonly scale: tf.Variable;

  /** Steps to the value that the target's change is counted from; 0: there is none. */
  readonly season: number;

  /** Leaves values of `columns` columns as they are, until it is fitted or loaded. */
  constructor(columns: number, season = 0) {
    super();
    this.season = season;
    this.low = buffer(tf.fill([columns], -Infinity));
    this.high = buffer(tf.fill([columns], Infinity));
    this.offset = buffer(tf.zeros([columns]));
    this.scale = buffer(tf.ones([columns]));
  }

  /** Learns bounds and scales of the training part alone. */
  fit(series: Series, training: Span, options: PreparationOptions): void {
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
      bounds.map(({ minimum }) => minimum),
    );
    set(
      this.high,
      bounds.map(({ maximum }) => maximum),
    );
    set(this.offset, offsets);
    set(this.scale, scales);
  }

  /**
   * A series clipped and scaled.
   * @throws RangeError where it has other columns than those it was fitted on
   */
  async apply(series: Series): Promise<PreparedSeries> {
    const base = baseOf(series, this.season);
    const { past, known, columns } = columnsOf(series, base);
    const [low, high, offset, scale] = await Promise.all(
      [this.low, this.high, this.offset, this.scale].map((variable) => variable.data<'float32'>()),
    );
    if (columns.length !== scale!.length)
      throw new RangeError(`series ${series.name}: expected ${scale!.length} columns, got ${columns.length}`);
    const scaled = columns.map((column, index) =>
      clip(column, { minimum: low![index]!, maximum: high![index]! }).map(
        (value) => (value - offset![index]!) / scale![index]!,
      ),
    );
    return {
      length: series.length,
      observed: rowsOf(scaled.slice(0, 1 + past.length), series.length),
      known: rowsOf(scaled.slice(1 + past.length), series.length),
      pastCovariates: past.length,
      knownFeatures: known.length,
      target: { offset: offset![0]!, scale: scale![0]!, base },
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
