import * as tf from '@tensorflow/tfjs-core';
import { differentiable, within, type Case, type Cases } from './case.ts';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const smooth = (operation: Unary, low = -2, high = 2): Case => differentiable([within(low, high, [2, 3])], operation);

/** Both operands are broadcast, each along another axis. */
const pair = (operation: Binary, low = -2, high = 2): Case =>
  differentiable([within(low, high, [2, 1, 3]), within(low + 0.013, high + 0.013, [2, 1])], operation);

/** One tensor in, one of the same shape out; and two that broadcast. */
export const elementwise: Cases = {
  abs: smooth(tf.abs),
  acos: smooth(tf.acos, -0.9, 0.9),
  acosh: smooth(tf.acosh, 1.2, 3),
  add: pair(tf.add),
  addN: differentiable(
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    (...inputs) => tf.addN(inputs),
  ),
  asin: smooth(tf.asin, -0.9, 0.9),
  asinh: smooth(tf.asinh),
  atan: smooth(tf.atan),
  atan2: pair(tf.atan2, 0.3, 2),
  atanh: smooth(tf.atanh, -0.8, 0.8),
  cast: smooth((x) => tf.cast(x, 'float32')),
  ceil: smooth(tf.ceil, -2, 1.9),
  clipByValue: smooth((x) => tf.clipByValue(x, -1.1, 0.5)),
  cos: smooth(tf.cos),
  cosh: smooth(tf.cosh),
  div: pair(tf.div, 0.5, 2),
  divNoNan: pair(tf.divNoNan, 0.5, 2),
  elu: smooth(tf.elu),
  erf: smooth(tf.erf),
  exp: smooth(tf.exp),
  expm1: smooth(tf.expm1),
  floor: smooth(tf.floor, -2, 1.9),
  leakyRelu: smooth((x) => tf.leakyRelu(x, 0.3)),
  log: smooth(tf.log, 0.4, 3),
  log1p: smooth(tf.log1p, -0.6, 3),
  logSigmoid: smooth(tf.logSigmoid),
  maximum: pair(tf.maximum),
  minimum: pair(tf.minimum),
  mod: differentiable([within(0.2, 5, [2, 3]), within(1.1, 2.3, [3])], (a, b) => tf.mod(a, b)),
  mul: pair(tf.mul),
  neg: smooth(tf.neg),
  pow: pair(tf.pow, 0.4, 2),
  prelu: differentiable([[2, 3], [3]], (x, slope) => tf.prelu(x, slope)),
  reciprocal: smooth(tf.reciprocal, 0.4, 3),
  relu: smooth(tf.relu),
  relu6: smooth(tf.relu6, -3, 8),
  round: smooth(tf.round, -1.4, 1.4),
  rsqrt: smooth(tf.rsqrt, 0.4, 3),
  selu: smooth(tf.selu),
  sigmoid: smooth(tf.sigmoid),
  sign: smooth(tf.sign),
  sin: smooth(tf.sin),
  sinh: smooth(tf.sinh),
  softplus: smooth(tf.softplus),
  sqrt: smooth(tf.sqrt, 0.3, 3),
  square: smooth(tf.square),
  squaredDifference: pair(tf.squaredDifference),
  step: smooth((x) => tf.step(x, 0.25)),
  sub: pair(tf.sub),
  tan: smooth(tf.tan, -1, 1),
  tanh: smooth(tf.tanh),
  where: differentiable(
    [
      [2, 3],
      [2, 3],
    ],
    (a, b) => tf.where(tf.tensor2d([1, 0, 1, 0, 0, 1], [2, 3], 'bool'), a, b),
  ),
};
