import type { MarkovChain } from '@motley/core/generators';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** Steps from `from` to `to`, which is not included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Predicts the next symbol of a sequence. */
export interface Predictor {
  readonly name: string;
  /** Past symbols that it reads. */
  readonly window: number;
  /** Probability of each symbol at `time`, from the symbols before it: [S], sum 1. */
  predict(series: Int32Array, time: number): ArrayLike<number>;
}

export interface SymbolErrors {
  readonly count: number;
  /** Share of steps at which the likeliest symbol came. */
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly nats: number;
}

/** Errors of the predictions at all steps of a span. */
export function symbolErrors(predictor: Predictor, series: Int32Array, { from, to }: Span): SymbolErrors {
  const first = Math.max(from, predictor.window);
  let [hits, nats] = [0, 0];
  for (let time = first; time < to; time++) {
    const probabilities = predictor.predict(series, time);
    if (likeliest(probabilities) === series[time]) hits++;
    nats -= Math.log(probabilities[series[time]!]!);
  }
  const count = to - first;
  return { count, accuracy: hits / count, nats: nats / count };
}

function likeliest(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let state = 1; state < probabilities.length; state++)
    if (probabilities[state]! > probabilities[best]!) best = state;
  return best;
}

/** The chain's own probabilities. Their accuracy and nats are on average `optimalAccuracy` and `entropyRateInNats`. */
export function chainOptimum({ transitions, delay }: MarkovChain): Predictor {
  return { name: 'optimum', window: delay, predict: (series, time) => transitions[series[time - delay]!]! };
}

/** Predicts that the symbol stays, as often as it did in the training part; the others are equally likely. */
export function persistence(series: Int32Array, { from, to }: Span, states: number): Predictor {
  let stays = 0;
  for (let time = from + 1; time < to; time++) if (series[time] === series[time - 1]) stays++;
  // Laplace smoothing: neither case is impossible.
  const share = (stays + 1) / (to - from + 1);
  return {
    name: 'persistence',
    window: 1,
    predict: (past, time) =>
      Float64Array.from({ length: states }, (_, state) =>
        state === past[time - 1] ? share : (1 - share) / (states - 1),
      ),
  };
}

const MAX_ITERATIONS = 1000;
/** Gain of an iteration, in nats a step, below which the fit ends. */
const LEAST_GAIN = 1e-8;
/** Precision of the normal prior on the weights: decides between weights that one-hot inputs cannot tell apart. */
const PENALTY = 1;

interface LinearOptions {
  readonly states: number;
  readonly lags: number;
}

/**
 * Softmax regression on the last `lags` symbols, one-hot. It is fitted on the training part by maximum likelihood with
 * a normal prior on the weights. Newton steps use Böhning's bound of the Hessian ("Multinomial logistic regression
 * algorithm", 1992), ½ XᵀX + λ I for each class, which is factorized once. Nesterov's acceleration restarts where it
 * points downhill (O'Donoghue & Candès, 2015).
 */
export function linearPredictor(series: Int32Array, { from, to }: Span, { states, lags }: LinearOptions): Predictor {
  const inputs = oneHotPlaces(series, { from: from + lags, to }, { states, lags });
  const targets = series.subarray(from + lags, to);
  const bound = boundOfHessian(inputs, lags * states + 1);
  let weights = new Matrix(lags * states + 1, states);
  let ahead = weights;
  for (let iteration = 0, momentum = 0; iteration < MAX_ITERATIONS; iteration++, momentum++) {
    const gradient = gradientAt(ahead, inputs, targets);
    const step = bound.solve(gradient);
    if (Matrix.mul(gradient, step).sum() < LEAST_GAIN * targets.length) break;
    const next = Matrix.add(ahead, step);
    const moved = Matrix.sub(next, weights);
    if (Matrix.mul(gradient, moved).sum() < 0) momentum = 0;
    ahead = Matrix.add(next, moved.mul(momentum / (momentum + 3)));
    weights = next;
  }
  return {
    name: `linear, ${lags} lags`,
    window: lags,
    predict: (past, time) => {
      const [places] = oneHotPlaces(past, { from: time, to: time + 1 }, { states, lags });
      return softmax(weights, places!);
    },
  };
}

/** Indices of the inputs that are 1, for each step of a span: a symbol for each lag, then the constant. */
function oneHotPlaces(series: Int32Array, { from, to }: Span, { states, lags }: LinearOptions): Int32Array[] {
  return Array.from({ length: to - from }, (_, index) =>
    Int32Array.from({ length: lags + 1 }, (__, lag) =>
      lag === lags ? lags * states : lag * states + series[from + index - 1 - lag]!,
    ),
  );
}

/** Xᵀ (Y - P) - λ W, the gradient of the penalized likelihood. */
function gradientAt(weights: Matrix, inputs: readonly Int32Array[], targets: Int32Array): Matrix {
  const gradient = Matrix.mul(weights, -PENALTY);
  for (const [index, places] of inputs.entries()) {
    const residuals = softmax(weights, places).map((probability) => -probability);
    residuals[targets[index]!]! += 1;
    for (const place of places)
      for (let state = 0; state < residuals.length; state++)
        gradient.set(place, state, gradient.get(place, state) + residuals[state]!);
  }
  return gradient;
}

function softmax(weights: Matrix, places: Int32Array): Float64Array {
  const values = new Float64Array(weights.columns);
  for (const place of places)
    for (let state = 0; state < values.length; state++) values[state]! += weights.get(place, state);
  let greatest = -Infinity;
  for (const logit of values) if (logit > greatest) greatest = logit;
  let total = 0;
  for (let state = 0; state < values.length; state++) {
    values[state] = Math.exp(values[state]! - greatest);
    total += values[state]!;
  }
  for (let state = 0; state < values.length; state++) values[state]! /= total;
  return values;
}

/** ½ XᵀX + λ I, factorized. */
function boundOfHessian(inputs: readonly Int32Array[], size: number): CholeskyDecomposition {
  const bound = Matrix.eye(size).mul(PENALTY);
  for (const places of inputs)
    for (const row of places) for (const column of places) bound.set(row, column, bound.get(row, column) + 0.5);
  return new CholeskyDecomposition(bound);
}
