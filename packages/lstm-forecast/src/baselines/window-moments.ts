import { Matrix } from 'ml-matrix';
import type { Span } from '../series/split.ts';

/** Means and covariances of windows of neighbouring values: all that least squares needs to know of a series. */
export interface WindowMoments {
  /** How many windows. */
  readonly count: number;
  /** `[size]` */
  readonly means: Float64Array;
  /** `[size, size]` */
  readonly covariance: Matrix;
}

/**
 * Moments of all windows `values[first .. first + size)` within a span, next to each other by a step. A window is its
 * neighbour moved on, so each diagonal of the products' sums follows from its first entry by one product lost and one
 * won: `size · count + size²` products instead of `size² · count`.
 * @throws RangeError where the span holds no window
 */
export function windowMoments(values: Float64Array, { from, to }: Span, size: number): WindowMoments {
  const count = to - from - size + 1;
  if (count < 1) throw new RangeError(`window moments: expected at least ${size} steps, got ${to - from}`);
  const offset = values.subarray(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  // About their mean, large values lose no digits.
  const centred = values.subarray(from, to).map((value) => value - offset);
  const means = new Float64Array(size);
  const covariance = new Matrix(size, size);
  for (let lag = 0; lag < size; lag++) {
    let sum = 0;
    let products = 0;
    for (let first = 0; first < count; first++) {
      sum += centred[first + lag]!;
      products += centred[first]! * centred[first + lag]!;
    }
    means[lag] = sum / count;
    for (let row = 0; row + lag < size; row++) {
      covariance.set(row, row + lag, products / count);
      covariance.set(row + lag, row, products / count);
      if (row + lag + 1 < size)
        products += centred[count + row]! * centred[count + row + lag]! - centred[row]! * centred[row + lag]!;
    }
  }
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      covariance.set(row, column, covariance.get(row, column) - means[row]! * means[column]!);
  return { count, means: means.map((mean) => mean + offset), covariance };
}

/** The moments of the windows' differences from their value at `place`, which itself is left out. */
export function differencesFrom({ count, means, covariance }: WindowMoments, place: number): WindowMoments {
  const kept = Array.from(means.keys()).filter((each) => each !== place);
  const variance = covariance.get(place, place);
  const differences = new Matrix(kept.length, kept.length);
  for (const [row, i] of kept.entries())
    for (const [column, j] of kept.entries())
      // Summed in an order that leaves the matrix symmetric to the last bit.
      differences.set(
        row,
        column,
        covariance.get(i, j) + variance - (covariance.get(i, place) + covariance.get(j, place)),
      );
  return { count, means: Float64Array.from(kept, (each) => means[each]! - means[place]!), covariance: differences };
}
