import * as tf from '@tensorflow/tfjs-core';
import { differentiable, within, type Cases } from './case.ts';

/** Reductions over several axes and along one. */
export const reductions: Cases = {
  cumprod: differentiable([within(0.4, 2, [2, 3, 2])], (x) => tf.cumprod(x, 1)),
  'cumprod, an axis from the end': differentiable([within(0.4, 2, [2, 3, 2])], (x) => tf.cumprod(x, -2)),
  cumsum: differentiable([[2, 3]], (x) => tf.cumsum(x, 1)),
  'cumsum, an axis from the end': differentiable([[2, 3, 2]], (x) => tf.cumsum(x, -1, false, true)),
  'cumsum, an axis in the middle': differentiable([[2, 3, 2]], (x) => tf.cumsum(x, 1, true, true)),
  logSoftmax: differentiable([[2, 3]], (x) => tf.logSoftmax(x)),
  logSumExp: differentiable([[2, 3, 2]], (x) => tf.logSumExp(x, [0, 2])),
  max: differentiable([[2, 3, 2]], (x) => tf.max(x, [0, 2])),
  mean: differentiable([[2, 3, 2]], (x) => tf.mean(x, [1], true)),
  min: differentiable([[2, 3, 2]], (x) => tf.min(x, 1)),
  moments: differentiable([[2, 3, 2]], (x) => {
    const { mean, variance } = tf.moments(x, [0, 1]);
    return [mean, variance];
  }),
  norm: differentiable([within(0.2, 2, [2, 3])], (x) => tf.norm(x)),
  prod: differentiable([within(0.4, 2, [2, 3, 2])], (x) => tf.prod(x, 1)),
  softmax: differentiable([[2, 3]], (x) => tf.softmax(x)),
  sum: differentiable([[2, 3, 2]], (x) => tf.sum(x, [0, 2])),
  topk: differentiable([[3, 5]], (x) => tf.topk(x, 2).values),
};
