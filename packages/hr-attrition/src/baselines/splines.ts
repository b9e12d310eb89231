import { quantile } from '../table/encoder.ts';

const DEGREE = 3;

/** Cubic B-splines of one number, constant beyond the outer knots. */
export interface SplineBasis {
  /** All knots, with three beyond each end. */
  readonly knots: readonly number[];
  /** Number of functions. */
  readonly size: number;
}

/**
 * Basis with knots at quantiles of the training values, as scikit-learn's `SplineTransformer(n_knots, knots='quantile',
 * extrapolation='constant')`. Quantiles that coincide give one knot.
 * @returns undefined where the values have fewer than two different quantiles
 */
export function splineBasis(values: Float64Array, knotCount: number): SplineBasis | undefined {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const levels = Array.from({ length: knotCount }, (_, index) => quantile(sorted, index / (knotCount - 1)));
  const base = levels.filter((knot, index) => index === 0 || knot > levels[index - 1]!);
  if (sorted.length === 0 || base.length < 2) return undefined;
  const [first, last] = [base[0]!, base.at(-1)!];
  const [firstGap, lastGap] = [base[1]! - first, last - base.at(-2)!];
  const beyond = Array.from({ length: DEGREE }, (_, index) => index + 1);
  return {
    knots: [
      ...beyond.map((step) => first - step * firstGap).reverse(),
      ...base,
      ...beyond.map((step) => last + step * lastGap),
    ],
    size: base.length + DEGREE - 1,
  };
}

/** Values of all functions at a point, by the recursion of Cox and de Boor. They sum to 1. */
export function splineValues({ knots, size }: SplineBasis, value: number): Float64Array {
  const x = Math.min(Math.max(value, knots[DEGREE]!), knots[size]!);
  let interval = DEGREE;
  while (interval < size - 1 && x >= knots[interval + 1]!) interval++;
  const result = new Float64Array(size);
  const local = new Float64Array(DEGREE + 1);
  local[0] = 1;
  for (let degree = 1; degree <= DEGREE; degree++) {
    let carried = 0;
    for (let index = 0; index < degree; index++) {
      const [right, left] = [knots[interval + index + 1]!, knots[interval + index + 1 - degree]!];
      const share = local[index]! / (right - left);
      local[index] = carried + (right - x) * share;
      carried = (x - left) * share;
    }
    local[degree] = carried;
  }
  result.set(local, interval - DEGREE);
  return result;
}
