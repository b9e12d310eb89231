/**
 * Natural cubic spline through values at 0, 1, 2, … (Press et al., "Numerical Recipes", section 3.3).
 * @param knots at least one value
 * @returns the spline; beyond the knots it continues the outermost pieces
 */
export function naturalSpline(knots: ArrayLike<number>): (position: number) => number {
  const count = knots.length;
  if (count === 1) return () => knots[0]!;
  const curvatures = secondDerivatives(knots);
  return (position) => {
    const piece = Math.min(Math.max(Math.floor(position), 0), count - 2);
    const b = position - piece;
    const a = 1 - b;
    const bend = (a ** 3 - a) * curvatures[piece]! + (b ** 3 - b) * curvatures[piece + 1]!;
    return a * knots[piece]! + b * knots[piece + 1]! + bend / 6;
  };
}

/** m with m[i - 1] + 4 m[i] + m[i + 1] = 6 (y[i - 1] - 2 y[i] + y[i + 1]) and 0 at the ends, by elimination. */
function secondDerivatives(values: ArrayLike<number>): Float64Array {
  const count = values.length;
  const upper = new Float64Array(count);
  const result = new Float64Array(count);
  for (let knot = 1; knot < count - 1; knot++) {
    const pivot = 4 - upper[knot - 1]!;
    const bend = 6 * (values[knot - 1]! - 2 * values[knot]! + values[knot + 1]!);
    upper[knot] = 1 / pivot;
    result[knot] = (bend - result[knot - 1]!) / pivot;
  }
  for (let knot = count - 2; knot > 0; knot--) result[knot]! -= upper[knot]! * result[knot + 1]!;
  return result;
}
