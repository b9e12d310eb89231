import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { checkPast, type Forecaster } from './forecaster.ts';
import type { WindowMoments } from './window-moments.ts';

/** ŷ = W x + b, from the last values, oldest first, to the next ones. */
export interface AffineMap {
  /** W, `[horizon, window]` */
  readonly weights: Matrix;
  /** b, `[horizon]` */
  readonly bias: Float64Array;
}

/** A forecaster that applies an affine map. */
export function affineForecaster(name: string, { weights, bias }: AffineMap): Forecaster {
  const own = { name, window: weights.columns };
  return {
    ...own,
    forecast(series, start, horizon) {
      checkPast(own, series, start);
      if (horizon > bias.length)
        throw new RangeError(`${name}: expected a horizon of at most ${bias.length} steps, as fitted, got ${horizon}`);
      const past = Matrix.columnVector(series.target.subarray(start - own.window, start));
      const forecast = weights.mmul(past).to1DArray();
      return Float64Array.from({ length: horizon }, (_, step) => forecast[step]! + bias[step]!);
    },
  };
}

/**
 * Ridge regression in closed form (Hoerl & Kennard, 1970): W = Σ_yx (Σ_xx + λ I)⁻¹, b = μ_y - W μ_x. The first `inputs`
 * values of each window are x, the others y.
 * @param strength λ over the mean variance of x
 */
export function ridgeMap({ means, covariance }: WindowMoments, inputs: number, strength: number): AffineMap {
  const last = covariance.rows - 1;
  const penalized = covariance.subMatrix(0, inputs - 1, 0, inputs - 1);
  const variance = penalized.trace() / inputs;
  // A constant series has no variance, and any penalty will do.
  penalized.add(Matrix.eye(inputs).mul(strength * (variance > 0 ? variance : 1)));
  const weights = new CholeskyDecomposition(penalized)
    .solve(covariance.subMatrix(0, inputs - 1, inputs, last))
    .transpose();
  const expected = weights.mmul(Matrix.columnVector(means.subarray(0, inputs))).to1DArray();
  return { weights, bias: means.slice(inputs).map((mean, step) => mean - expected[step]!) };
}

/**
 * Mean squared error of a map over all windows and steps ahead, from the windows' moments:
 * tr(Σ_yy - 2 W Σ_xy + W Σ_xx Wᵀ) / horizon + |μ_y - W μ_x - b|² / horizon.
 */
export function meanSquaredError({ weights, bias }: AffineMap, { means, covariance }: WindowMoments): number {
  const [inputs, horizon] = [weights.columns, weights.rows];
  const last = inputs + horizon - 1;
  const ofInputs = covariance.subMatrix(0, inputs - 1, 0, inputs - 1);
  const crossed = covariance.subMatrix(0, inputs - 1, inputs, last);
  const ofTargets = covariance.subMatrix(inputs, last, inputs, last);
  const variance = ofTargets.trace() - 2 * weights.mmul(crossed).trace() + weights.mmul(ofInputs).mul(weights).sum();
  const expected = weights.mmul(Matrix.columnVector(means.subarray(0, inputs))).to1DArray();
  const offsets = bias.reduce((sum, value, step) => sum + (means[inputs + step]! - expected[step]! - value) ** 2, 0);
  return (variance + offsets) / horizon;
}

/** Candidate penalties, λ over the mean variance of the inputs: from nearly none to nearly the mean alone. */
const STRENGTHS = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1].map((exponent) => 10 ** exponent);

/** The map with the lowest error on the validation windows among those of all strengths. */
export function chooseStrength(
  fit: (strength: number) => AffineMap,
  validation: WindowMoments,
): { readonly map: AffineMap; readonly strength: number } {
  const candidates = STRENGTHS.map((strength) => {
    const map = fit(strength);
    return { map, strength, error: meanSquaredError(map, validation) };
  });
  return candidates.reduce((best, each) => (each.error < best.error ? each : best));
}
