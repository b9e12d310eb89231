import { largest } from '@motley/run';
import type { AffineMap } from '../baselines/affine.ts';
import { checkPast, type Forecaster } from '../baselines/forecaster.ts';
import type { Series } from '../series/series.ts';
import type { KnownPart } from './known-part.ts';

/** Scale on which a map forecasts. */
export type Scale = 'value' | 'logarithm';

/** Where a map forecasts: a scale, and whether the part that is known ahead is left out. */
export interface Space {
  readonly scale: Scale;
  readonly hasKnownPart: boolean;
}

/** The methods of one space, as one map. */
export interface CombinationMember {
  readonly space: Space;
  /** Share in the combination; those of all members add up to 1. */
  readonly share: number;
  readonly map: AffineMap;
  /** Coefficients of the known part, zeros without one. */
  readonly coefficients: Float64Array;
}

/** Largest logarithm of a forecast: larger ones would be infinite. */
const LARGEST_LOGARITHM = 700;

/** A value on a scale. */
export function valueIn(scale: Scale, value: number): number {
  return scale === 'value' ? value : Math.log(value);
}

/** The value that stands on a scale. */
export function valueOf(scale: Scale, scaled: number): number {
  return scale === 'value' ? scaled : Math.exp(Math.min(LARGEST_LOGARITHM, scaled));
}

/** Weighted mean of maps on the values and their logarithms, with and without the part that is known ahead. */
export class LinearCombination implements Forecaster {
  readonly name = 'combination of linear methods';
  readonly window: number;
  readonly horizon: number;
  readonly members: readonly CombinationMember[];
  readonly known: KnownPart;

  constructor(members: readonly CombinationMember[], horizon: number, known: KnownPart) {
    this.members = members;
    this.horizon = horizon;
    this.known = known;
    this.window = largest(members.map(({ map }) => map.weights.columns));
  }

  forecast(series: Series, start: number, horizon: number): Float64Array {
    if (horizon > this.horizon)
      throw new RangeError(
        `${this.name}: expected a horizon of at most ${this.horizon} steps, as fitted, got ${horizon}`,
      );
    return this.on(series)(start).subarray(0, horizon);
  }

  /**
   * Prepares the forecasts of one series, `[horizon]` for each start. Where a window has no logarithm, the members on
   * the values forecast alone, and persistence where there are none.
   */
  on(series: Series): (start: number) => Float64Array {
    const length = series.length + this.horizon;
    const members = this.members.map(({ space: { scale }, share, map, coefficients }) => {
      const seasonal = this.known.values(series, coefficients, length);
      const values = series.target.map((value, step) => valueIn(scale, value) - seasonal[step]!);
      return { scale, share, map, rows: map.weights.to2DArray(), window: map.weights.columns, seasonal, values };
    });
    return (start) => {
      checkPast(this, series, start);
      const result = new Float64Array(this.horizon);
      let total = 0;
      for (const { scale, share, map, rows, window, seasonal, values } of members) {
        if (!values.subarray(start - window, start).every(Number.isFinite)) continue;
        total += share;
        for (let step = 0; step < this.horizon; step++) {
          const row = rows[step]!;
          let forecast = map.bias[step]! + seasonal[start + step]!;
          for (let lag = 0; lag < window; lag++) forecast += row[lag]! * values[start - window + lag]!;
          result[step]! += share * valueOf(scale, forecast);
        }
      }
      return total > 0 ? result.map((value) => value / total) : result.fill(series.target[start - 1]!);
    };
  }
}
