import { Matrix } from 'ml-matrix';
import { ridgeMap, type AffineMap } from '../baselines/affine.ts';
import { rolledOut } from '../baselines/ridge.ts';
import { windowMoments } from '../baselines/window-moments.ts';

export interface DifferencesOptions {
  readonly horizon: number;
  /** Autoregressive terms p. */
  readonly terms: number;
  /** Season whose difference is taken, in steps; 0: none. */
  readonly season: number;
  /** Whether the difference of neighbors is taken too. */
  readonly neighbors: boolean;
  /** Ridge penalty over the mean variance of the differences. */
  readonly strength: number;
}

/**
 * Autoregression of differences, ARIMA(p, d, 0)(0, D, 0) with a ridge penalty (Box & Jenkins, 1970):
 * φ(B) (1 - B)ᵈ (1 - Bᵐ)ᴰ y[t] = c, rolled out over the horizon.
 * @returns undefined where there are too few values
 */
export function differencesMap(values: Float64Array, options: DifferencesOptions): AffineMap | undefined {
  const { horizon, terms, season, neighbors, strength } = options;
  let operator: number[] = [1];
  if (season > 0) operator = product(operator, [1, ...Array<number>(season - 1).fill(0), -1]);
  if (neighbors) operator = product(operator, [1, -1]);
  const reach = operator.length - 1;
  const differences = new Float64Array(Math.max(0, values.length - reach));
  for (let step = 0; step < differences.length; step++)
    for (let lag = 0; lag <= reach; lag++)
      if (operator[lag] !== 0) differences[step]! += operator[lag]! * values[step + reach - lag]!;
  if (differences.length < terms + Math.max(10, terms / 2)) return undefined;
  const moments = windowMoments(differences, { from: 0, to: differences.length }, terms + 1);
  const { weights, bias } = ridgeMap(moments, terms, strength);
  // The newest value comes last among the weights and first in the polynomial.
  const polynomial = product(
    [
      1,
      ...weights
        .getRow(0)
        .reverse()
        .map((weight) => -weight),
    ],
    operator,
  );
  const next = polynomial
    .slice(1)
    .reverse()
    .map((weight) => -weight);
  return rolledOut({ weights: new Matrix([next]), bias }, horizon);
}

/** Product of two polynomials in the lag B. */
function product(left: readonly number[], right: readonly number[]): number[] {
  const result = Array<number>(left.length + right.length - 1).fill(0);
  for (const [i, a] of left.entries()) for (const [j, b] of right.entries()) result[i + j]! += a * b;
  return result;
}
