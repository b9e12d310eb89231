import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  booleans,
  type Case,
  type Cases,
  differentiable,
  integers,
  reals,
  shapeAndAxes,
  shapeAndAxis,
  shapes,
  sizes,
  valuesOnly,
} from './cases.ts';

type Reduction = (x: tf.Tensor, axis: number[], keepDims: boolean) => tf.Tensor;

const options = (minimumRank = 1) => fc.tuple(shapeAndAxes(minimumRank), fc.boolean());

const overReals = (run: Reduction, low = -2, high = 2): fc.Arbitrary<Case> =>
  options().map(([{ shape, axes }, keepDims]) =>
    differentiable([reals(shape, low, high)], (x) => run(x, axes, keepDims)),
  );

const overIntegers = (run: Reduction): fc.Arbitrary<Case> =>
  options().map(([{ shape, axes }, keepDims]) => valuesOnly([integers(shape)], (x) => run(x, axes, keepDims)));

const overBooleans = (run: Reduction): fc.Arbitrary<Case> =>
  options().map(([{ shape, axes }, keepDims]) => valuesOnly([booleans(shape)], (x) => run(x, axes, keepDims)));

const alongAxis = (run: (x: tf.Tensor, axis: number) => tf.Tensor): fc.Arbitrary<Case> =>
  fc.oneof(
    shapeAndAxis().map(({ shape, axis }) => valuesOnly([reals(shape)], (x) => run(x, axis))),
    shapeAndAxis().map(({ shape, axis }) => valuesOnly([integers(shape)], (x) => run(x, axis))),
  );

const flags = fc.tuple(fc.boolean(), fc.boolean());

/** Reductions over axes, and operations along one axis. */
export const reductions: Cases = {
  all: overBooleans(tf.all),
  any: overBooleans(tf.any),
  argMax: alongAxis(tf.argMax),
  argMin: alongAxis(tf.argMin),
  cumprod: fc
    .tuple(shapeAndAxis(), flags)
    .map(([{ shape, axis }, [exclusive, reverse]]) =>
      valuesOnly([reals(shape)], (x) => tf.cumprod(x, axis, exclusive, reverse)),
    ),
  cumsum: fc.tuple(shapeAndAxis(), flags).map(([{ shape, axis }, [exclusive, reverse]]) =>
    // tfjs's gradient is correct along the last axis only.
    (axis === shape.length - 1 ? differentiable : valuesOnly)([reals(shape)], (x) =>
      tf.cumsum(x, axis, exclusive, reverse),
    ),
  ),
  logSoftmax: shapes(1, 4).map((shape) => differentiable([reals(shape)], (x) => tf.logSoftmax(x))),
  logSumExp: overReals(tf.logSumExp),
  max: overReals(tf.max),
  'max int32': overIntegers(tf.max),
  mean: overReals(tf.mean),
  'mean int32': overIntegers(tf.mean),
  min: overReals(tf.min),
  'min int32': overIntegers(tf.min),
  moments: options().map(([{ shape, axes }, keepDims]) =>
    differentiable([reals(shape)], (x) => {
      const { mean, variance } = tf.moments(x, axes, keepDims);
      return [mean, variance];
    }),
  ),
  norm: options().map(([{ shape, axes }, keepDims]) =>
    differentiable([reals(shape, 0.1, 2)], (x) =>
      tf.norm(tf.reshape(x, [-1]), 'euclidean', axes.length > 0 ? 0 : undefined, keepDims),
    ),
  ),
  prod: overReals(tf.prod, 0.3, 2),
  'prod int32': overIntegers(tf.prod),
  softmax: shapes(1, 4).map((shape) => differentiable([reals(shape)], (x) => tf.softmax(x))),
  sum: overReals(tf.sum),
  'sum int32': overIntegers(tf.sum),
  'sum bool': overBooleans(tf.sum),
  topk: fc
    .tuple(shapes(0, 3), sizes(1, 5))
    .chain(([shape, last]) => sizes(1, last).map((count) => ({ shape: [...shape, last], count })))
    .map(({ shape, count }) =>
      valuesOnly([reals(shape)], (x) => {
        const { values, indices } = tf.topk(x, count);
        return [values, indices];
      }),
    ),
};
