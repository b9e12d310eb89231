import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  booleans,
  broadcastShapes,
  type Case,
  type Cases,
  differentiable,
  type Input,
  integers,
  reals,
  shapes,
  valuesOnly,
} from './cases.ts';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** A case on float32 values in [low, high). */
const smooth = (run: Unary, low = -2, high = 2): fc.Arbitrary<Case> =>
  shapes(0, 4).map((shape) => differentiable([reals(shape, low, high)], run));

/** Cases on float32 and int32. */
const onNumbers = (run: Unary): fc.Arbitrary<Case> =>
  fc.oneof(
    smooth(run),
    shapes(0, 4).map((shape) => valuesOnly([integers(shape)], run)),
  );

const classified = (run: Unary): fc.Arbitrary<Case> =>
  shapes(0, 4).map((shape) => valuesOnly([reals(shape, -0.3, 0.3)], (x) => run(tf.log(tf.round(tf.mul(x, 2))))));

const pair = (run: Binary, input: (shape: number[]) => Input, second = input): fc.Arbitrary<Case> =>
  broadcastShapes.map(([a, b]) => differentiable([input(a), second(b)], run));

/** Operands of one shape: tfjs's gradients of these operations do not sum over broadcast axes. */
const pairOfOneShape = (run: Binary): fc.Arbitrary<Case> =>
  fc.oneof(
    shapes(0, 4).map((shape) => differentiable([reals(shape), reals(shape)], run)),
    broadcastShapes.map(([a, b]) => valuesOnly([reals(a), reals(b)], run)),
  );

const positive = (shape: number[]) => reals(shape, 0.3, 3);
const nonZeroIntegers = (shape: number[]) => integers(shape, 1, 4);
const logical = (run: Binary) => pair(run, booleans);
const compared = (run: Binary): fc.Arbitrary<Case> =>
  fc.oneof(
    broadcastShapes.map(([a, b]) => valuesOnly([reals(a), reals(b)], run)),
    broadcastShapes.map(([a, b]) => valuesOnly([integers(a), integers(b)], run)),
  );
const kernel =
  (name: string): Binary =>
  (a, b) =>
    tf.engine().runKernel(name, { a, b });

/** Operations on one tensor, with a result of its shape, or on two that broadcast. */
export const elementwise: Cases = {
  abs: onNumbers(tf.abs),
  acos: smooth(tf.acos, -0.9, 0.9),
  acosh: smooth(tf.acosh, 1.1, 3),
  asin: smooth(tf.asin, -0.9, 0.9),
  asinh: smooth(tf.asinh),
  atan: smooth(tf.atan),
  atanh: smooth(tf.atanh, -0.9, 0.9),
  'cast from float32': fc
    .tuple(shapes(0, 3), fc.constantFrom('float32', 'int32', 'bool'))
    .map(([shape, dtype]) => valuesOnly([reals(shape)], (x) => tf.cast(x, dtype))),
  'cast from int32': fc
    .tuple(shapes(0, 3), fc.constantFrom('float32', 'int32', 'bool'))
    .map(([shape, dtype]) => valuesOnly([integers(shape)], (x) => tf.cast(x, dtype))),
  'cast from bool': fc
    .tuple(shapes(0, 3), fc.constantFrom('float32', 'int32', 'bool'))
    .map(([shape, dtype]) => valuesOnly([booleans(shape)], (x) => tf.cast(x, dtype))),
  'cast to itself': smooth((x) => tf.cast(x, 'float32')),
  ceil: smooth(tf.ceil),
  clipByValue: smooth((x) => tf.clipByValue(x, -1, 0.5)),
  clone: onNumbers(tf.clone),
  cos: smooth(tf.cos),
  cosh: smooth(tf.cosh),
  elu: smooth(tf.elu),
  erf: smooth(tf.erf),
  exp: smooth(tf.exp),
  expm1: smooth(tf.expm1),
  floor: smooth(tf.floor),
  isFinite: classified(tf.isFinite),
  isInf: classified(tf.isInf),
  isNaN: classified(tf.isNaN),
  leakyRelu: smooth((x) => tf.leakyRelu(x, 0.3)),
  log: smooth(tf.log, 0.1, 3),
  log1p: smooth(tf.log1p, -0.9, 3),
  logSigmoid: smooth(tf.logSigmoid),
  logicalNot: shapes(0, 3).map((shape) => valuesOnly([booleans(shape)], tf.logicalNot)),
  mish: smooth((x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  neg: onNumbers(tf.neg),
  onesLike: onNumbers(tf.onesLike),
  reciprocal: smooth(tf.reciprocal, 0.2, 3),
  relu: onNumbers(tf.relu),
  relu6: smooth(tf.relu6, -3, 9),
  round: onNumbers(tf.round),
  rsqrt: smooth(tf.rsqrt, 0.2, 3),
  selu: smooth(tf.selu),
  sigmoid: smooth(tf.sigmoid),
  sign: onNumbers(tf.sign),
  sin: smooth(tf.sin),
  sinh: smooth(tf.sinh),
  softplus: smooth(tf.softplus),
  sqrt: smooth(tf.sqrt, 0.1, 3),
  square: onNumbers(tf.square),
  step: onNumbers((x) => tf.step(x, 0.25)),
  tan: smooth(tf.tan, -1.2, 1.2),
  tanh: smooth(tf.tanh),
  zerosLike: onNumbers(tf.zerosLike),

  add: pair(tf.add, reals),
  'add int32': pair(tf.add, integers),
  addN: shapes(0, 3).map((shape) => differentiable([reals(shape), reals(shape), reals(shape)], (...x) => tf.addN(x))),
  atan2: pair(tf.atan2, positive),
  bitwiseAnd: pair(kernel('BitwiseAnd'), (shape) => integers(shape, 0, 100)),
  div: pair(tf.div, reals, positive),
  'div int32': pair(tf.div, integers, nonZeroIntegers),
  divNoNan: broadcastShapes.map(([a, b]) =>
    valuesOnly([reals(a), integers(b, 0, 2)], (x, y) => tf.divNoNan(x, tf.cast(y, 'float32'))),
  ),
  equal: compared(tf.equal),
  floorDiv: pair(tf.floorDiv, integers, nonZeroIntegers),
  greater: compared(tf.greater),
  greaterEqual: compared(tf.greaterEqual),
  less: compared(tf.less),
  lessEqual: compared(tf.lessEqual),
  logicalAnd: logical(tf.logicalAnd),
  logicalOr: logical(tf.logicalOr),
  logicalXor: logical(tf.logicalXor),
  maximum: pairOfOneShape(tf.maximum),
  'maximum int32': pair(tf.maximum, integers),
  minimum: pairOfOneShape(tf.minimum),
  'minimum int32': pair(tf.minimum, integers),
  mod: pair(tf.mod, reals, positive),
  'mod int32': pair(tf.mod, integers, nonZeroIntegers),
  mul: pair(tf.mul, reals),
  'mul int32': pair(tf.mul, integers),
  'mul of mixed dtypes': pair(tf.mul, reals, integers),
  notEqual: compared(tf.notEqual),
  pow: pair(tf.pow, positive, reals),
  prelu: shapes(1, 4).map((shape) =>
    differentiable([reals(shape), reals(shape.map((size, axis) => (axis === 0 ? 1 : size)))], tf.prelu),
  ),
  squaredDifference: pairOfOneShape(tf.squaredDifference),
  sub: pair(tf.sub, reals),
  'sub int32': pair(tf.sub, integers),
  where: broadcastShapes.map(([a, b]) =>
    valuesOnly([booleans(a), reals(a), reals(b)], (condition, x, y) => tf.where(tf.cast(condition, 'bool'), x, y)),
  ),
  'where with gradients': shapes(0, 4).map((shape) =>
    differentiable([booleans(shape), reals(shape), reals(shape)], (condition, x, y) =>
      tf.where(tf.cast(condition, 'bool'), x, y),
    ),
  ),
};
