import * as tf from '@tensorflow/tfjs-core';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { ScaledSeries } from './feature-scaler.ts';
import type { SeriesForecaster } from './model.ts';
import { forecastFrom } from './predict.ts';
import type { Span } from './series/split.ts';

/** Candidate ridge penalties, from one that separates nearly equal inputs to one that leaves only the strongest. */
const PENALTIES = [1, 10, 100, 1000];

/**
 * Initializes the linear head of a recursive forecaster by ridge regression of the next change on the inputs,
 * y[t] - y[t - 1] = w x[t] + c, over the training part. The state's share of the mean starts at zero, so training
 * learns only what a linear model misses. The penalty, and whether past covariates are read, are those whose recursive
 * forecasts have the lowest error.
 * @param error validation error of the model with its current weights
 * @throws RangeError where the model has no linear head
 */
export async function fitLinearHead(
  model: SeriesForecaster,
  series: ScaledSeries,
  training: Span,
  error: () => Promise<number>,
): Promise<void> {
  const { products, moments } = nextChanges(series, training);
  const isPast = (input: number): boolean => input > LAST && input <= LAST + series.pastCovariates;
  const all = Array.from({ length: products.rows }, (_, input) => input);
  const choices = series.pastCovariates === 0 ? [all] : [all, all.filter((input) => !isPast(input))];
  let best = { error: Infinity, values: new Float32Array(all.length) };
  for (const chosen of choices)
    for (const strength of PENALTIES) {
      const penalized = products.selection(chosen, chosen).add(Matrix.eye(chosen.length).mul(strength));
      const weights = new CholeskyDecomposition(penalized).solve(moments.selection(chosen, [0])).to1DArray();
      const values = new Float32Array(all.length);
      chosen.forEach((input, place) => (values[input] = weights[place]!));
      setLinearHead(model, values);
      const found = await error();
      if (found < best.error) best = { error: found, values };
    }
  setLinearHead(model, best.values);
}

/** Index of the last value among the inputs: after its change. */
const LAST = 1;

/** XᵀX and Xᵀy of the inputs, with the constant last, and the next changes. */
function nextChanges({ pastCovariates, knownFeatures, observed, known }: ScaledSeries, { from, to }: Span) {
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

/** Sets weights and bias (the last value) of the linear head, and zeroes the state's share of the mean. */
function setLinearHead({ linearHead, head }: SeriesForecaster, values: Float32Array): void {
  if (linearHead === undefined) throw new RangeError('ridge initialization: expected a model with a linear head');
  const { weight, bias } = linearHead;
  tf.tidy(() => {
    const weights = new Float32Array(weight.size);
    weights.set(values.subarray(0, -1));
    weight.assign(tf.tensor2d(weights, weight.shape as [number, number]));
    bias!.assign(tf.tensor1d(values.subarray(-1)));
    const { weight: headWeight, bias: headBias } = head;
    const [, units] = headWeight.shape as [number, number];
    headWeight.assign(tf.concat([tf.zeros([1, units]), tf.slice(headWeight, [1, 0], [-1, -1])]));
    headBias!.assign(tf.concat([[0], tf.slice(headBias!, [1], [-1])]));
  });
}

/**
 * Initializes the quantiles of a model with those of its errors from `starts` in the training part, all steps ahead
 * alike.
 */
export async function fitQuantiles(model: SeriesForecaster, series: ScaledSeries, starts: Int32Array): Promise<void> {
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
  const { bias } = model.head;
  tf.tidy(() => {
    bias!.assign(tf.concat([tf.slice(bias!, [0], [1]), quantileOutputs(quantiles)]));
  });
}

/** Outputs of a head that give quantiles: the lowest, and what softplus turns into the distances of the others. */
export function quantileOutputs(quantiles: readonly number[]): number[] {
  return quantiles.map((value, index) =>
    index === 0 ? value : inverseSoftplus(Math.max(SMALLEST_GAP, value - quantiles[index - 1]!)),
  );
}

/** Smallest distance of two quantiles, scaled: the inverse softplus of 0 is infinite. */
const SMALLEST_GAP = 1e-3;

/** x with ln(1 + eˣ) = y. */
function inverseSoftplus(y: number): number {
  return Math.log(Math.expm1(y));
}
