import { largest } from '@motley/run';
import type { RandomNumbers } from '@motley/run';
import { LuDecomposition, Matrix } from 'ml-matrix';

/** Tolerance of row sums. */
const TOLERANCE = 1e-9;
/** Smallest pivot of a nonsingular system. */
const MIN_PIVOT = 1e-12;

/**
 * Stationary Markov chain whose next state depends on the state `delay` steps before it: P(x[t] = j | past) = P(x[t] =
 * j | x[t - delay] = i) = transitions[i][j]. It interleaves `delay` ordinary chains, so the bounds below do not depend
 * on the delay.
 */
export class MarkovChain {
  readonly transitions: readonly (readonly number[])[];
  readonly delay: number;
  /** Stationary distribution π: the fraction of time in each state. */
  readonly stationary: readonly number[];

  /** @throws RangeError where `transitions` is not a square stochastic matrix with a single stationary distribution */
  constructor(transitions: readonly (readonly number[])[], delay = 1) {
    if (!Number.isInteger(delay) || delay < 1)
      throw new RangeError(`Markov chain: expected a delay of at least 1 step, got ${delay}`);
    for (const [state, row] of transitions.entries()) {
      const sum = row.reduce((total, probability) => total + probability, 0);
      if (row.length !== transitions.length || row.some((p) => !(p >= 0)) || Math.abs(sum - 1) > TOLERANCE)
        throw new RangeError(
          `Markov chain, state ${state}: expected ${transitions.length} probabilities that sum to 1, got ${row.join(', ')}`,
        );
    }
    this.transitions = transitions;
    this.delay = delay;
    this.stationary = stationaryOf(transitions);
  }

  /**
   * Random chain, with rows drawn uniformly from the simplex.
   * @param options.sharpness values above 1 make the chain more predictable
   */
  static random(states: number, random: RandomNumbers, { delay = 1, sharpness = 1 } = {}): MarkovChain {
    const rows = Array.from({ length: states }, () => {
      // Normalized exponential variables are uniform on the simplex. The offset keeps the logarithm finite.
      const weights = Array.from(random.uniformValues(states, 2 ** -25, 1), (u) => (-Math.log(u)) ** sharpness);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight) => weight / sum);
    });
    return new MarkovChain(rows, delay);
  }

  get states(): number {
    return this.transitions.length;
  }

  /** Accuracy of the optimal predictor, after the first `delay` steps: Σᵢ πᵢ maxⱼ Pᵢⱼ. */
  get optimalAccuracy(): number {
    return this.#average((row) => largest(row));
  }

  /** Cross-entropy of the optimal predictor, in nats per step: -Σᵢ πᵢ Σⱼ Pᵢⱼ ln Pᵢⱼ. */
  get entropyRateInNats(): number {
    return this.#average((row) => -row.reduce((sum, p) => sum + (p === 0 ? 0 : p * Math.log(p)), 0));
  }

  /** Draws states [length], numbered from 0. The first `delay` come from the stationary distribution. */
  draw(random: RandomNumbers, length: number): Int32Array {
    const draws = random.uniformValues(length);
    const series = new Int32Array(length);
    for (let time = 0; time < length; time++) {
      const row = time < this.delay ? this.stationary : this.transitions[series[time - this.delay]!]!;
      series[time] = chosen(row, draws[time]!);
    }
    return series;
  }

  #average(of: (row: readonly number[]) => number): number {
    return this.transitions.reduce((sum, row, state) => sum + this.stationary[state]! * of(row), 0);
  }
}

function chosen(probabilities: readonly number[], draw: number): number {
  let last = 0;
  let sum = 0;
  for (const [index, probability] of probabilities.entries()) {
    if (probability === 0) continue;
    sum += probability;
    last = index;
    if (draw < sum) return index;
  }
  return last;
}

/** Solves πP = π with Σπ = 1. */
function stationaryOf(transitions: readonly (readonly number[])[]): number[] {
  const size = transitions.length;
  // (P - I)ᵀ π = 0, with the last equation replaced by Σπ = 1.
  const equations = new Matrix(transitions).sub(Matrix.eye(size)).transpose();
  equations.setRow(size - 1, Matrix.ones(1, size));
  const decomposition = new LuDecomposition(equations);
  if (decomposition.upperTriangularMatrix.diagonal().some((pivot) => Math.abs(pivot) < MIN_PIVOT))
    throw new RangeError('Markov chain: expected one stationary distribution, got several');
  return decomposition.solve(Matrix.zeros(size, 1).set(size - 1, 0, 1)).to1DArray();
}
