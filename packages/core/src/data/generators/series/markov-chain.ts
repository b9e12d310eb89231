import type { RandomNumbers } from '@motley/run';

/** How far from 1 a row of probabilities may sum. */
const TOLERANCE = 1e-9;

/**
 * A stationary Markov chain whose next state depends on the one `delay` steps ago:
 * P(x[t] = j | the past) = P(x[t] = j | x[t - delay] = i) = transitions[i][j].
 * It is `delay` ordinary chains taking turns, so the bounds below do not depend on the delay.
 */
export class MarkovChain {
  readonly transitions: readonly (readonly number[])[];
  readonly delay: number;
  /** π: the share of time in each state. */
  readonly stationary: readonly number[];

  /** @throws RangeError where `transitions` is no square stochastic matrix with one stationary distribution */
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

  /** A chain with rows drawn uniformly from the simplex, sharpened: 1 leaves them so, larger powers make it predictable. */
  static random(states: number, random: RandomNumbers, { delay = 1, sharpness = 1 } = {}): MarkovChain {
    const rows = Array.from({ length: states }, () => {
      // Exponential variables over their sum are uniform on the simplex; the offset keeps the logarithm finite.
      const weights = Array.from(random.uniformValues(states, 2 ** -25, 1), (u) => (-Math.log(u)) ** sharpness);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight) => weight / sum);
    });
    return new MarkovChain(rows, delay);
  }

  get states(): number {
    return this.transitions.length;
  }

  /** The best any predictor's accuracy can be once `delay` steps are known: Σᵢ πᵢ maxⱼ Pᵢⱼ. */
  get optimalAccuracy(): number {
    return this.#average((row) => Math.max(...row));
  }

  /** The lowest cross-entropy, in nats a step: -Σᵢ πᵢ Σⱼ Pᵢⱼ ln Pᵢⱼ. */
  get entropyRateInNats(): number {
    return this.#average((row) => -row.reduce((sum, p) => sum + (p === 0 ? 0 : p * Math.log(p)), 0));
  }

  /** States `[length]`, from 0; the first `delay` of them from the stationary distribution. */
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

/** π with πP = π and Σπ = 1, by Gaussian elimination with pivots. */
function stationaryOf(transitions: readonly (readonly number[])[]): number[] {
  const size = transitions.length;
  // The columns of P - I as equations, the last of them replaced by the sum.
  const equations = Array.from({ length: size }, (_, row) => [
    ...transitions.map((from, state) => (row === size - 1 ? 1 : from[row]! - (state === row ? 1 : 0))),
    row === size - 1 ? 1 : 0,
  ]);
  for (let column = 0; column < size; column++) {
    const rest = equations.slice(column);
    const pivot = rest.reduce((best, row) => (Math.abs(row[column]!) > Math.abs(best[column]!) ? row : best));
    if (Math.abs(pivot[column]!) < 1e-12)
      throw new RangeError('Markov chain: expected one stationary distribution, got several');
    const at = equations.indexOf(pivot);
    [equations[column], equations[at]] = [pivot, equations[column]!];
    for (const row of equations) {
      if (row === pivot) continue;
      const factor = row[column]! / pivot[column]!;
      for (let index = column; index <= size; index++) row[index]! -= factor * pivot[index]!;
    }
  }
  return equations.map((row, index) => row[size]! / row[index]!);
}
