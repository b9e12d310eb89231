import * as tf from '@tensorflow/tfjs-core';
import { scan } from '../../control-flow/scan.ts';
import { gelu, geluTanh, silu } from '../../nn/activations.ts';
import { scaledDotProductAttention, type AttentionOptions } from '../../nn/attention.ts';
import { ctcGreedy } from '../../nn/ctc/greedy.ts';
import { ctcLoss } from '../../nn/ctc/loss.ts';
import { ctcLogProbabilities, ctcPrefixExtend, ctcPrefixScores, ctcPrefixStart } from '../../nn/ctc/prefixes.ts';
import { embedding } from '../../nn/embedding.ts';
import { logSumExp } from '../../nn/log-sum-exp.ts';
import { softmaxCrossEntropy } from '../../nn/losses.ts';
import { batchNorm, groupNorm, standardizeWeight } from '../../nn/normalization/channel-normalization.ts';
import { layerNorm, rmsNorm } from '../../nn/normalization/row-normalization.ts';
import { RandomStream } from '../../random/random-stream.ts';
import { differentiable, type Case, type Cases } from './case.ts';

const attention = (options: () => AttentionOptions): Case =>
  differentiable(
    [
      [2, 3, 2],
      [2, 4, 2],
      [2, 4, 3],
    ],
    (query, key, value) => scaledDotProductAttention(query, key, value, options()),
  );

/** Operations of core. */
export const coreOperations: Cases = {
  batchNorm: differentiable([[3, 2, 2], [2], [2]], (x, scale, shift) => batchNorm(x, { scale: scale, shift: shift })),
  // Labels have no gradient; the input beside them has.
  ctcGreedy: differentiable([[2]], (x) => {
    const logits = fixedNoise(3).normal([3, 6, 3]);
    const { labels, lengths } = ctcGreedy(logits, tf.tensor1d([6, 0, 4], 'int32'));
    return [x, labels, lengths];
  }),
  ctcLoss: differentiable([[4, 5, 4]], (logits) =>
    ctcLoss(
      logits,
      tf.tensor1d([5, 3, 2, 4], 'int32'),
      tf.tensor2d([1, 1, 2, 3, 1, 0, 2, 2, 0, 0, 0, 0], [4, 3], 'int32'),
      tf.tensor1d([3, 2, 2, 0], 'int32'),
      { zeroInfinity: true },
    ),
  ),
  ctcPrefixScores: differentiable([[2, 5, 4]], (logits) => {
    const given = { logProbabilities: ctcLogProbabilities(logits, tf.tensor1d([5, 4], 'int32')) };
    const [rows, symbols] = [tf.tensor1d([0, 1], 'int32'), tf.tensor1d([1, 2], 'int32')];
    const start = ctcPrefixStart(given);
    const state = ctcPrefixExtend(given, start, tf.zeros([2], 'int32'), { rows, symbols });
    // The score of the blank is −1e30.
    return tf.slice(ctcPrefixScores(given, state, symbols, 3), [0, 1], [2, 3]);
  }),
  embedding: differentiable([[4, 2]], (table) => embedding(tf.tensor1d([1, 3, 1], 'int32'), table)),
  gelu: differentiable([[3, 4]], (x) => gelu(x)),
  geluTanh: differentiable([[3, 4]], (x) => geluTanh(x)),
  groupNorm: differentiable([[2, 3, 2, 4], [4], [4]], (x, scale, shift) =>
    groupNorm(x, 2, { scale: scale, shift: shift }, 1e-2),
  ),
  layerNorm: differentiable([[3, 4], [4], [4]], (x, scale, shift) => layerNorm(x, scale, shift)),
  logSumExp: differentiable([[2, 3, 2]], (x) => logSumExp(x, [0, 2])),
  rmsNorm: differentiable([[3, 4], [4]], (x, scale) => rmsNorm(x, scale)),
  scaledDotProductAttention: attention(() => ({})),
  'scaledDotProductAttention, causal': attention(() => ({ causal: true, scale: 0.3 })),
  'scaledDotProductAttention, masked': attention(() => ({
    mask: tf.tensor([1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0], [3, 4], 'bool'),
  })),
  'scaledDotProductAttention, weights dropped': attention(() => ({
    dropout: { rate: 0.4, random: fixedNoise(7) },
  })),
  scan: differentiable(
    [
      [2, 2],
      [4, 2, 2],
    ],
    (initial, inputs) => {
      const step = (carry: tf.Tensor, input: tf.Tensor) => {
        const next = tf.tanh(tf.add(tf.mul(carry, 0.7), input));
        return { carry: next, output: tf.square(next) };
      };
      const { carry, output } = scan(step, initial, inputs, { reverse: true });
      return [carry, output];
    },
  ),
  silu: differentiable([[3, 4]], (x) => silu(x)),
  softmaxCrossEntropy: differentiable([[3, 4]], (logits) =>
    softmaxCrossEntropy(logits, tf.tensor1d([1, 3, 0], 'int32'), { labelSmoothing: 0.1 }),
  ),
  'softmaxCrossEntropy, rows ignored': differentiable([[3, 4]], (logits) =>
    softmaxCrossEntropy(logits, tf.tensor1d([1, -100, 0], 'int32'), { ignoreIndex: -100, reduction: 'none' }),
  ),
  standardizeWeight: differentiable([[2, 2, 2, 2]], (weight) => standardizeWeight(weight)),
};

/** The same numbers on every backend. */
function fixedNoise(seed: number) {
  const stream = RandomStream.fromSeed(seed);
  const draw = (values: Float32Array, shape: readonly number[]) => tf.tensor(values, [...shape]);
  return {
    uniform: (shape: readonly number[]) => draw(stream.uniformValues(tf.util.sizeFromShape([...shape])), shape),
    normal: (shape: readonly number[]) => draw(stream.normalValues(tf.util.sizeFromShape([...shape])), shape),
  };
}
