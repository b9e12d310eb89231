/**
 * Logarithm of the likelihood ratio of two pictures' w: log p(w₁, w₂ | same identity) - log p(w₁, w₂ | different ones).
 * By the lemma of Neyman and Pearson (1933) no score separates equal from different identities better.
 *
 * Coordinates are independent, each with variance v = 1 + σ². In the same identity's pictures they have covariance 1,
 * so the sum s = (w₁ + w₂) / √2 has variance v + 1 and the difference t = (w₁ - w₂) / √2 has σ²; else both have v.
 * @param first w₁ [D]
 * @param second w₂ [D]
 * @param deviation σ. Default 0.5
 * @throws RangeError where the lengths differ
 */
export function logLikelihoodRatio(first: ArrayLike<number>, second: ArrayLike<number>, deviation = 0.5): number {
  if (first.length !== second.length)
    throw new RangeError(`likelihood ratio: expected equal lengths, got ${first.length} and ${second.length}`);
  const { forSum, forDifference, constant } = coefficientsOf(deviation);
  let sum = constant * first.length;
  for (let index = 0; index < first.length; index++) {
    const added = first[index]! + second[index]!;
    const subtracted = first[index]! - second[index]!;
    sum += (forSum * added * added - forDifference * subtracted * subtracted) / 2;
  }
  return sum;
}

/** The log ratio of a dimension is constant + forSum s² - forDifference t². */
function coefficientsOf(deviation: number): Record<'forSum' | 'forDifference' | 'constant', number> {
  const noise = deviation ** 2;
  const variance = 1 + noise;
  return {
    forSum: (1 / variance - 1 / (variance + 1)) / 2,
    forDifference: (1 / noise - 1 / variance) / 2,
    constant: Math.log(variance ** 2 / ((variance + 1) * noise)) / 2,
  };
}

/** A point of the curve of a verification. */
export interface VerificationRates {
  /** Share of pairs of the same identity with scores above the threshold. */
  readonly trueAccepts: number;
  /** Share of pairs of different identities with scores above the threshold. */
  readonly falseAccepts: number;
}

/** Points of the curve that the area is computed from. */
const CURVE_POINTS = 4000;

/**
 * The best verification that is possible of pictures by `Faces`: rates of `logLikelihoodRatio`, exactly. In D
 * dimensions the ratio is a constant plus the difference of two independent variables with gamma distributions of
 * shape D / 2. For even D its distribution is a finite sum.
 */
export class VerificationBound {
  readonly deviation: number;
  readonly dimensions: number;
  /** Probability that a pair of the same identity scores higher than one of different identities. */
  readonly areaUnderCurve: number;
  /** Share of errors at the threshold where both kinds are equally frequent. */
  readonly equalErrorRate: number;
  /** That threshold, a log ratio. */
  readonly equalErrorThreshold: number;

  /**
   * @param deviation σ. Default 0.5
   * @param dimensions D. Default 16
   * @throws RangeError where σ is not above 0, or D not even or above 512
   */
  constructor(deviation = 0.5, dimensions = 16) {
    if (!(deviation > 0 && deviation < Infinity))
      throw new RangeError(`verification bound: expected a deviation above 0, got ${deviation}`);
    if (!Number.isInteger(dimensions / 2) || dimensions < 2 || dimensions > 512)
      throw new RangeError(`verification bound: expected an even number of dimensions up to 512, got ${dimensions}`);
    this.deviation = deviation;
    this.dimensions = dimensions;
    this.equalErrorThreshold = this.#thresholdWhere(({ trueAccepts, falseAccepts }) => falseAccepts > 1 - trueAccepts);
    const { trueAccepts, falseAccepts } = this.ratesAt(this.equalErrorThreshold);
    this.equalErrorRate = (1 - trueAccepts + falseAccepts) / 2;
    this.areaUnderCurve = this.#area();
  }

  /** Rates of the pairs whose log ratio is above a threshold. */
  ratesAt(threshold: number): VerificationRates {
    const noise = this.deviation ** 2;
    const variance = 1 + noise;
    const { forSum, forDifference, constant } = coefficientsOf(this.deviation);
    const excess = threshold - constant * this.dimensions;
    const shape = this.dimensions / 2;
    return {
      trueAccepts: shareAbove(excess, shape, 2 * forSum * (variance + 1), 2 * forDifference * noise),
      falseAccepts: shareAbove(excess, shape, 2 * forSum * variance, 2 * forDifference * variance),
    };
  }

  /** Largest share of true accepts at a share of false accepts from 0 to 1. */
  trueAccepts(falseAccepts: number): number {
    if (!(falseAccepts >= 0 && falseAccepts <= 1))
      throw new RangeError(`verification bound: expected a share from 0 to 1, got ${falseAccepts}`);
    return this.ratesAt(this.#thresholdWhere((rates) => rates.falseAccepts > falseAccepts)).trueAccepts;
  }

  /** Lowest threshold whose rates are not above a limit: bisection, as rates fall with the threshold. */
  #thresholdWhere(isAbove: (rates: VerificationRates) => boolean): number {
    let [low, high] = this.#range();
    for (let round = 0; round < 80; round++) {
      const middle = (low + high) / 2;
      if (isAbove(this.ratesAt(middle))) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  /** Thresholds between which all but some 1e-12 of both kinds of pairs lie. */
  #range(): [low: number, high: number] {
    let [low, high] = [-1, 1];
    while (this.ratesAt(low).falseAccepts < 1 - 1e-12) low *= 2;
    while (this.ratesAt(high).trueAccepts > 1e-12) high *= 2;
    return [low, high];
  }

  /** Area by trapezoids over thresholds. */
  #area(): number {
    const [low, high] = this.#range();
    let area = 0;
    let before = this.ratesAt(low);
    for (let point = 1; point <= CURVE_POINTS; point++) {
      const rates = this.ratesAt(low + ((high - low) * point) / CURVE_POINTS);
      area += ((before.falseAccepts - rates.falseAccepts) * (before.trueAccepts + rates.trueAccepts)) / 2;
      before = rates;
    }
    return area;
  }
}

/** P(X - Y > excess) for X and Y of gamma distributions with an integer shape and two scales. */
function shareAbove(excess: number, shape: number, scaleX: number, scaleY: number): number {
  return excess >= 0 ? tail(excess, shape, scaleX, scaleY) : 1 - tail(-excess, shape, scaleY, scaleX);
}

/**
 * P(X - Y > x) for x ≥ 0: the survival function of X, a Poisson sum, averaged over Y. With a = x / scale of X and p =
 * scale of X / sum of the scales it is exp(-a) Σ_{j < n} C(n - 1 + j, j) (1 - p)ʲ pⁿ Σ_{i < n - j} aⁱ / i!.
 */
function tail(x: number, shape: number, scaleX: number, scaleY: number): number {
  const a = x / scaleX;
  const p = scaleX / (scaleX + scaleY);
  const poisson = new Float64Array(shape);
  let term = Math.exp(-a);
  let sum = 0;
  for (let index = 0; index < shape; index++) {
    sum += term;
    poisson[index] = sum;
    term *= a / (index + 1);
  }
  let weight = p ** shape;
  let share = 0;
  for (let index = 0; index < shape; index++) {
    share += weight * poisson[shape - 1 - index]!;
    weight *= ((shape + index) / (index + 1)) * (1 - p);
  }
  return share;
}
