import * as tf from '@tensorflow/tfjs-core';
import { Matrix, solve } from 'ml-matrix';
import type { SeriesForecaster } from './model.ts';
import type { PreparedSeries } from './preparation.ts';
import type { Span } from './series/split.ts';

/** Of the penalty, in steps: keeps apart what nearly equal inputs leave undecided. */
const PENALTY = 1;

/**
 * Sets the output layer so that a recursive forecaster begins as a ridge regression of the next change on its inputs,
 * y[t] - y[t - 1] = w x[t] + c, fitted on the training part: what is left to learn is what a line does not know.
 */
export function startLinear(model: SeriesForecaster, series: PreparedSeries, { from, to }: Span): void {
  const { pastCovariates, knownFeatures, observed, known } = series;
  const width = 1 + pastCovariates;
  const size = 1 + width + knownFeatures + 1;
  const products = Matrix.eye(size).mul(PENALTY);
  const moments = Matrix.zeros(size, 1);
  const row = new Float64Array(size).fill(1); // The last is the constant's.
  for (let step = from + 2; step < to; step++) {
    const last = observed[(step - 1) * width]!;
    row[0] = last - observed[(step - 2) * width]!;
    row.set(observed.subarray((step - 1) * width, step * width), 1);
    row.set(known.subarray(step * knownFeatures, (step + 1) * knownFeatures), 1 + width);
    const change = observed[step * width]! - last;
    for (let i = 0; i < size; i++) {
      moments.set(i, 0, moments.get(i, 0) + row[i]! * change);
      for (let j = 0; j < size; j++) products.set(i, j, products.get(i, j) + row[i]! * row[j]!);
    }
  }
  const weights = solve(products, moments).to1DArray();
  const { weight, bias } = model.head;
  const [, inputs] = weight.shape as [number, number];
  tf.tidy(() => {
    const first = new Float32Array(inputs);
    first.set(weights.slice(0, -1), model.config.units);
    weight.assign(tf.concat([tf.tensor2d(first, [1, inputs]), tf.slice(weight, [1, 0], [-1, -1])]));
    bias!.assign(tf.concat([[weights.at(-1)!], tf.slice(bias!, [1], [-1])]));
  });
}
