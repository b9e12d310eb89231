/** Halvings of an interval of 20: a precision of 2⁻⁴⁸. */
const HALVINGS = 52;
const FARTHEST = 10;

/** x with Φ(x) = share, by halving: 0 for ½, ±∞ for 1 and 0. */
export function normalQuantile(share: number): number {
  if (!(share > 0)) return -Infinity;
  if (!(share < 1)) return Infinity;
  let [low, high] = [-FARTHEST, FARTHEST];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (normalCumulative(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Φ(x): its series ½ + φ(x) Σ x²ⁿ⁺¹ / (1 · 3 · … · (2 n + 1)) (Marsaglia, "Evaluating the normal distribution", 2004).
 */
export function normalCumulative(x: number): number {
  const reach = Math.min(Math.abs(x), FARTHEST);
  let [term, sum] = [reach, reach];
  for (let odd = 3; term > sum * Number.EPSILON; odd += 2) {
    term *= (reach * reach) / odd;
    sum += term;
  }
  const half = (sum * Math.exp((-reach * reach) / 2)) / Math.sqrt(2 * Math.PI);
  return x < 0 ? 0.5 - half : 0.5 + half;
}
