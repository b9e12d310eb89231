import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { logLikelihoodRatio, VerificationBound } from './verification-bound.ts';

const DIMENSIONS = 16;

/** Log density of a bivariate normal distribution of mean 0, from its covariance matrix. */
function logDensity(x: number, y: number, variance: number, covariance: number): number {
  const determinant = variance ** 2 - covariance ** 2;
  const distance = (variance * (x * x + y * y) - 2 * covariance * x * y) / determinant;
  return -Math.log(2 * Math.PI) - Math.log(determinant) / 2 - distance / 2;
}

/** Sorted scores of pairs of the same and of different identities. */
function simulate(pairs: number, deviation: number, seed: number): { same: Float64Array; different: Float64Array } {
  const random = RandomNumbers.fromSeed(seed);
  const [same, different] = [new Float64Array(pairs), new Float64Array(pairs)];
  for (let pair = 0; pair < pairs; pair++) {
    const [z, other, noise] = [
      random.normalValues(DIMENSIONS),
      random.normalValues(DIMENSIONS),
      random.normalValues(2 * DIMENSIONS, 0, deviation),
    ];
    const first = z.map((value, index) => value + noise[index]!);
    const changes = noise.subarray(DIMENSIONS);
    same[pair] = logLikelihoodRatio(
      first,
      z.map((value, index) => value + changes[index]!),
      deviation,
    );
    different[pair] = logLikelihoodRatio(
      first,
      other.map((value, index) => value + changes[index]!),
      deviation,
    );
  }
  return { same: same.sort(), different: different.sort() };
}

/** Share of sorted values above a threshold. */
function shareAbove(sorted: Float64Array, threshold: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > threshold) high = middle;
    else low = middle + 1;
  }
  return 1 - low / sorted.length;
}

describe('logLikelihoodRatio', () => {
  it('is the ratio of the joint densities', () => {
    const random = RandomNumbers.fromSeed(3);
    for (const deviation of [0.2, 0.5, 1.5]) {
      const [first, second] = [random.normalValues(7), random.normalValues(7)];
      const variance = 1 + deviation ** 2;
      const expected = first.reduce((sum, x, index) => {
        const y = second[index]!;
        return sum + logDensity(x, y, variance, 1) - logDensity(x, y, variance, 0);
      }, 0);
      expect(logLikelihoodRatio(first, second, deviation)).toBeCloseTo(expected, 9);
    }
    expect(() => logLikelihoodRatio([1], [1, 2])).toThrow('likelihood ratio: expected equal lengths, got 1 and 2');
  });
});

describe('VerificationBound', () => {
  const pairs = 150_000;

  it('has the rates of simulated pairs', () => {
    const bound = new VerificationBound(0.5, DIMENSIONS);
    const { same, different } = simulate(pairs, 0.5, 5);
    /** Four standard errors of a share. */
    const within = (share: number): number => 4 * Math.sqrt((share * (1 - share)) / pairs);
    for (const threshold of [-15, -5, 0, bound.equalErrorThreshold, 3, 6, 10]) {
      const { trueAccepts, falseAccepts } = bound.ratesAt(threshold);
      expect(Math.abs(shareAbove(same, threshold) - trueAccepts)).toBeLessThan(within(trueAccepts));
      expect(Math.abs(shareAbove(different, threshold) - falseAccepts)).toBeLessThan(within(falseAccepts));
    }
    // Area under the curve: mean share of lower scores of different identities. Its deviation over pairs is below 0.01.
    const area = same.reduce((sum, score) => sum + 1 - shareAbove(different, score), 0) / pairs;
    expect(Math.abs(area - bound.areaUnderCurve)).toBeLessThan(4 * (0.01 / Math.sqrt(pairs)));
    expect(bound.areaUnderCurve).toBeCloseTo(0.9994, 4);
    expect(bound.equalErrorRate).toBeCloseTo(0.0098, 4);
    // A share of 1e-3 of the pairs is 150 ± 12: the threshold, and so the true accepts, are known to a percent.
    const threshold = different[pairs - 1 - pairs / 1000]!;
    expect(Math.abs(shareAbove(same, threshold) - bound.trueAccepts(1e-3))).toBeLessThan(0.015);
    expect(bound.trueAccepts(1e-3)).toBeCloseTo(0.89, 2);
  });

  it.each([
    [0.4, 0.0025],
    [0.6, 0.0245],
  ])('has with a deviation of %d an equal error rate of %d', (deviation, rate) => {
    const bound = new VerificationBound(deviation, DIMENSIONS);
    const { trueAccepts, falseAccepts } = bound.ratesAt(bound.equalErrorThreshold);
    expect(falseAccepts).toBeCloseTo(1 - trueAccepts, 9);
    // Published from a simulation of 150,000 pairs, with two digits.
    expect(Math.abs(bound.equalErrorRate - rate)).toBeLessThan(3 * Math.sqrt((rate * (1 - rate)) / pairs / 2));
  });

  it('is a curve: true accepts grow with false ones, from a corner to the other', () => {
    const bound = new VerificationBound(1, 4);
    const shares = [0, 1e-6, 1e-3, 0.1, 0.5, 0.9, 1].map((share) => bound.trueAccepts(share));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0]).toBeLessThan(1e-9);
    expect(shares.at(-1)).toBeGreaterThan(1 - 1e-9);
    for (const share of [1e-6, 1e-3, 0.1]) expect(bound.trueAccepts(share)).toBeGreaterThan(share);
    // With two dimensions both variables are exponential: P(X - Y > x) = a / (a + b) exp(-x / a) for x ≥ 0.
    const plane = new VerificationBound(1, 2);
    const [a, b] = [1 / 2 - 1 / 3, 1 - 1 / 2].map((value, index) => value * [3, 1][index]!) as [number, number];
    const excess = 2 - Math.log(4 / 3);
    expect(plane.ratesAt(2).trueAccepts).toBeCloseTo((a / (a + b)) * Math.exp(-excess / a), 12);
  });

  it('refuses what it cannot compute', () => {
    expect(() => new VerificationBound(0)).toThrow('verification bound: expected a deviation above 0, got 0');
    expect(() => new VerificationBound(0.5, 15)).toThrow('expected an even number of dimensions up to 512, got 15');
    expect(() => new VerificationBound().trueAccepts(2)).toThrow('expected a share from 0 to 1, got 2');
  });
});
