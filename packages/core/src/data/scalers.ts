import { shown, UserError } from '@motley/run';
import { z } from 'zod';

/** Kind of column scaling, fitted on the training rows and applied to all rows. */
export type ScalerKind = 'standard' | 'min-max' | 'robust';

/** Scaler state, as stored in checkpoints. */
export interface ScalerState {
  readonly kind: ScalerKind;
  readonly offsets: readonly number[];
  readonly scales: readonly number[];
}

type TableValues = Float32Array | Float64Array | readonly number[];

const stateSchema = z.strictObject({
  kind: z.enum(['standard', 'min-max', 'robust']),
  offsets: z.array(z.number()).min(1),
  scales: z.array(z.number().positive()).min(1),
});

/**
 * Scales every column of a table [N, D] (row-major) to `(value - offset) / scale`.
 * - `standard`: mean and standard deviation (over N, as scikit-learn's `StandardScaler`)
 * - `min-max`: minimum and range, so that values map to [0, 1]
 * - `robust`: median and interquartile range (linear between ranks, as scikit-learn's `RobustScaler`)
 *
 * A column that is constant in the training rows has scale 1. NaN stands for a missing value: fitting skips it, and
 * scaling keeps it.
 */
export class Scaler {
  readonly kind: ScalerKind;
  /** [D] */
  readonly offsets: readonly number[];
  /** [D], above 0. */
  readonly scales: readonly number[];

  private constructor({ kind, offsets, scales }: ScalerState) {
    this.kind = kind;
    this.offsets = offsets;
    this.scales = scales;
  }

  /**
   * Fits a scaler on training rows. Exclude test rows, which would leak into the model.
   * @param values [N, D]
   * @param columnCount D
   * @throws RangeError where the values do not fill whole rows
   * @throws UserError where a column has an infinite value, or no value at all
   */
  static fit(kind: ScalerKind, values: TableValues, columnCount: number): Scaler {
    if (values.length === 0) throw new RangeError('scaler: expected at least one row, got none');
    checkRows(values, columnCount);
    const statistics = Array.from({ length: columnCount }, (_, index) => {
      const column = presentValues(values, index, columnCount);
      if (column.length === 0) throw new UserError(`scaler: column ${index}: expected values, found only NaN`);
      return STATISTICS[kind](column);
    });
    return new Scaler({
      kind,
      offsets: statistics.map(([offset]) => offset),
      scales: statistics.map(([, scale]) => (scale > 0 ? scale : 1)),
    });
  }

  /**
   * Restores a scaler from the result of `toJSON`.
   * @throws UserError where the value is not a scaler state
   */
  static fromJSON(state: unknown): Scaler {
    const parsed = stateSchema.safeParse(state);
    if (!parsed.success || parsed.data.offsets.length !== parsed.data.scales.length)
      throw new UserError(
        `scaler: expected kind, offsets and positive scales, one for each column, got ${shown(state)}`,
      );
    return new Scaler(parsed.data);
  }

  toJSON(): ScalerState {
    return { kind: this.kind, offsets: this.offsets, scales: this.scales };
  }

  /** Scaler of a subset of columns, such as the targets of a forecast. */
  select(columns: readonly number[]): Scaler {
    const of = (numbers: readonly number[]) =>
      columns.map((column) => {
        const number = numbers[column];
        if (number === undefined)
          throw new RangeError(`scaler: expected a column below ${numbers.length}, got ${column}`);
        return number;
      });
    return new Scaler({ kind: this.kind, offsets: of(this.offsets), scales: of(this.scales) });
  }

  /** Scales [N, D], as float32. */
  transform(values: TableValues): Float32Array {
    checkRows(values, this.offsets.length);
    return this.#map(values, (value, offset, scale) => (value - offset) / scale);
  }

  /** Inverts the scaling of [N, D], as float32. */
  inverse(values: TableValues): Float32Array {
    checkRows(values, this.offsets.length);
    return this.#map(values, (value, offset, scale) => value * scale + offset);
  }

  #map(values: TableValues, step: (value: number, offset: number, scale: number) => number): Float32Array {
    const width = this.offsets.length;
    const output = new Float32Array(values.length);
    for (let index = 0; index < output.length; index++) {
      const column = index % width;
      output[index] = step(values[index]!, this.offsets[column]!, this.scales[column]!);
    }
    return output;
  }
}

/** Offset and scale of a column, by kind of scaler. A scale of 0 means a constant column. */
const STATISTICS: Readonly<Record<ScalerKind, (column: Float64Array) => readonly [number, number]>> = {
  standard: (column) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
    return [mean, beyondRounding(Math.sqrt(variance), column)];
  },
  'min-max': (column) => {
    const sorted = column.sort();
    return [sorted[0]!, beyondRounding(sorted[sorted.length - 1]! - sorted[0]!, column)];
  },
  robust: (column) => {
    const sorted = column.sort();
    return [quantile(sorted, 0.5), beyondRounding(quantile(sorted, 0.75) - quantile(sorted, 0.25), column)];
  },
};

/** A spread, or 0 where rounding alone explains it: a few units in the last place of the largest value. */
function beyondRounding(spread: number, column: Float64Array): number {
  const largest = column.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return spread > largest * column.length * Number.EPSILON ? spread : 0;
}

function quantile(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}

function checkRows(values: TableValues, columnCount: number): void {
  if (!Number.isInteger(columnCount) || columnCount < 1 || values.length % columnCount !== 0)
    throw new RangeError(`scaler: expected rows of ${columnCount} values, got ${values.length} values`);
}

function presentValues(values: TableValues, column: number, columnCount: number): Float64Array {
  const present = new Float64Array(values.length / columnCount);
  let count = 0;
  for (let index = column; index < values.length; index += columnCount) {
    const value = values[index]!;
    if (Number.isNaN(value)) continue;
    if (!Number.isFinite(value))
      throw new UserError(
        `scaler: row ${Math.floor(index / columnCount)}, column ${column}: expected a finite number or NaN, found ${value}`,
      );
    present[count++] = value;
  }
  return present.subarray(0, count);
}
