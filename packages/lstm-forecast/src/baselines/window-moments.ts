import { Matrix } from 'ml-matrix';
import type { Span } from '../series/split.ts';

/** Means and covariances of windows of consecutive values: all that least squares needs. */
export interface WindowMoments {
  /** Number of windows. */
  readonly count: number;
  /** `[size]` */
  readonly means: Float64Array;
  /** `[size, size]` */
  readonly covariance: Matrix;
}

/**
 * Moments of all windows `values[first .. first + size)` within a span. Neighboring windows differ by one value at each
 * end, so each diagonal of the products' sums follows from its first entry: `size · count + size²` products instead of
 * `size² · count`.
 * @throws RangeError where the span holds no window
 */
export function windowMoments(values: Float64Array, { from, to }: Span, size: number): WindowMoments {
  const count = to - from - size + 1;
  if (count < 1) throw new RangeError(`window moments: expected at least ${size} steps, got ${to - from}`);
  const offset = values.subarray(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  // Centered values lose fewer digits.
  const centered = values.subarray(from, to).map((value) => value - offset);
  const means = new Float64Array(size);
  const covariance = new Matrix(size, size);
  for (let lag = 0; lag < size; lag++) {
    let sum = 0;
    let products = 0;
    for (let first = 0; first < count; first++) {
      sum += centered[first + lag]!;
      products += centered[first]! * centered[first + lag]!;
    }
    means[lag] = sum / count;
    for (let row = 0; row + lag < size; row++) {
      covariance.set(row, row + lag, products / count);
      covariance.set(row + lag, row, products / count);
      if (row + lag + 1 < size)
        products += centered[count + row]! * centered[count + row + lag]! - centered[row]! * centered[row + lag]!;
    }
  }
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      covariance.set(row, column, covariance.get(row, column) - means[row]! * means[column]!);
  return { count, means: means.map((mean) => mean + offset), covariance };
}

/** Moments of the windows' differences from their value at `place`, which is left out. */
export function differencesFrom({ count, means, covariance }: WindowMoments, place: number): WindowMoments {
  const kept = Array.from(means.keys()).filter((each) => each !== place);
  const variance = covariance.get(place, place);
  const differences = new Matrix(kept.length, kept.length);
  for (const [row, i] of kept.entries())
    for (const [column, j] of kept.entries())
      // This order of the sums leaves the matrix symmetric to the last bit.
      differences.set(
        row,
        column,
        covariance.get(i, j) + variance - (covariance.get(i, place) + covariance.get(j, place)),
      );
  return { count, means: Float64Array.from(kept, (each) => means[each]! - means[place]!), covariance: differences };
}
