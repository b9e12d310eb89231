import * as tf from '@tensorflow/tfjs-core';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { SeriesForecaster } from './model.ts';
import { forecastFrom } from './predict.ts';
import type { PreparedSeries } from './preparation.ts';
import type { Span } from './series/split.ts';

/** Of the penalty, in steps: from what keeps apart nearly equal inputs to what leaves little but the largest ones. */
const STRENGTHS = [1, 10, 100, 1000];

/**
 * Makes a recursive forecaster a ridge regression of the next change on its inputs, y[t] - y[t - 1] = w x[t] + c, fitted
 * on the training part, to which its state adds nothing yet: what is left to learn is what a line does not know. The
 * penalty is the one whose forecasts, fed back as the network's are, err least; so is whether the line reads the past
 * covariates, which beyond the window stay as they were.
 * @param error of the model as it is, on the validation part
 * @throws RangeError where the model has no line
 */
export async function startLinear(
  model: SeriesForecaster,
  series: PreparedSeries,
  training: Span,
  error: () => Promise<number>,
): Promise<void> {
  const { products, moments } = nextChanges(series, training);
  const isPast = (input: number): boolean => input > LAST && input <= LAST + series.pastCovariates;
  const all = Array.from({ length: products.rows }, (_, input) => input);
  const choices = series.pastCovariates === 0 ? [all] : [all, all.filter((input) => !isPast(input))];
  let best = { error: Infinity, line: new Float32Array(all.length) };
  for (const chosen of choices)
    for (const strength of STRENGTHS) {
      const penalized = products.selection(chosen, chosen).add(Matrix.eye(chosen.length).mul(strength));
      const weights = new CholeskyDecomposition(penalized).solve(moments.selection(chosen, [0])).to1DArray();
      const line = new Float32Array(all.length);
      chosen.forEach((input, place) => (line[input] = weights[place]!));
      setLine(model, line);
      const found = await error();
      if (found < best.error) best = { error: found, line };
    }
  setLine(model, best.line);
}

/** Where the last value is among the inputs: after its change. */
const LAST = 1;

/** XᵀX and Xᵀy of the inputs, the last of which is the constant, and the changes that came next. */
function nextChanges({ pastCovariates, knownFeatures, observed, known }: PreparedSeries, { from, to }: Span) {
  const width = 1 + pastCovariates;
  const size = 1 + width + knownFeatures + 1;
  const products = Matrix.zeros(size, size);
  const moments = Matrix.zeros(size, 1);
  const row = new Float64Array(size).fill(1);
  for (let step = from + 2; step < to; step++) {
    const last = observed[(step - 1) * width]!;
    row[0] = last - observed[(step - 2) * width]!;
    row.set(observed.subarray((step - 1) * width, step * width), LAST);
    row.set(known.subarray(step * knownFeatures, (step + 1) * knownFeatures), LAST + width);
    const change = observed[step * width]! - last;
    for (let i = 0; i < size; i++) {
      moments.set(i, 0, moments.get(i, 0) + row[i]! * change);
      for (let j = 0; j < size; j++) products.set(i, j, products.get(i, j) + row[i]! * row[j]!);
    }
  }
  return { products, moments };
}

/** Sets the line, the constant last, and takes from the mean what the state says. */
function setLine({ line, head }: SeriesForecaster, values: Float32Array): void {
  if (line === undefined) throw new RangeError('linear start: expected a model with a line');
  const { weight, bias } = line;
  tf.tidy(() => {
    const weights = new Float32Array(weight.size);
    weights.set(values.subarray(0, -1));
    weight.assign(tf.tensor2d(weights, weight.shape as [number, number]));
    bias!.assign(tf.tensor1d(values.subarray(-1)));
    const { weight: ofState, bias: constants } = head;
    const [, units] = ofState.shape as [number, number];
    ofState.assign(tf.concat([tf.zeros([1, units]), tf.slice(ofState, [1, 0], [-1, -1])]));
    constants!.assign(tf.concat([[0], tf.slice(constants!, [1], [-1])]));
  });
}

/** Makes the bands of a model as wide as its forecasts from `starts`, of the training part, err, all steps ahead alike. */
export async function startBands(model: SeriesForecaster, series: PreparedSeries, starts: Int32Array): Promise<void> {
  const { mean, levels, horizon } = await forecastFrom(model, series, starts);
  if (levels.length === 0) return;
  const { offset, scale, base } = series.target;
  const width = 1 + series.pastCovariates;
  const errors = mean
    .map((value, index) => {
      const step = starts[Math.floor(index / horizon)]! + (index % horizon);
      return series.observed[step * width]! - (value - base[step]! - offset) / scale;
    })
    .sort();
  const quantiles = levels.map((level) => errors[Math.round(level * (errors.length - 1))]!);
  const answers = quantiles.map((value, index) =>
    index === 0 ? value : inverseSoftplus(Math.max(SMALLEST_GAP, value - quantiles[index - 1]!)),
  );
  const { bias } = model.head;
  tf.tidy(() => {
    bias!.assign(tf.concat([tf.slice(bias!, [0], [1]), answers]));
  });
}

/** Between two quantiles, scaled: equal ones would be infinitely far in the softplus. */
const SMALLEST_GAP = 1e-3;

/** x with ln(1 + eˣ) = y. */
function inverseSoftplus(y: number): number {
  return Math.log(Math.expm1(y));
}
