import * as tf from '@tensorflow/tfjs-core';
import { accuracy } from '../../metrics/accuracy.ts';
import { logSumExp } from '../../nn/log-sum-exp.ts';
import { softmaxCrossEntropy } from '../../nn/losses.ts';
import { gruLayer, lstmLayer, type RecurrentCall, type RecurrentResult } from '../../nn/recurrent/layers.ts';
import { RandomStream } from '../../random/random-stream.ts';
import { weightedCrossEntropy } from '../../train/weighted-losses.ts';

/** Steps of a batch of sequences with one feature, [T, B, 1]. */
const steps = (...values: readonly (readonly number[])[]): Values => values.map((step) => step.map((value) => [value]));

/** An operation at values where kernels and gradients tend to disagree: ties, zeros, infinities, ignored NaN. */
export interface Edge {
  readonly inputs: readonly Values[];
  readonly operation: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly result: Values;
  /** Gradients of the sum of the result, one per input. Default: not compared. */
  readonly gradients?: readonly Values[];
}

/** Numbers, or rows of numbers. */
type Values = number | readonly Values[];

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const int32 = (...values: number[]) => tf.tensor1d(values, 'int32');

/** −log softmax(1, 2)₁ = log(1 + e⁻¹), and its gradient. */
const loss = Math.log(1 + Math.exp(-1));
const softmax = [1 / (1 + Math.E), Math.E / (1 + Math.E)] as const;
const slope = [softmax[0], softmax[1] - 1] as const;
const ignored = [
  [1, 2],
  [nan, -infinity],
  [infinity, infinity],
];
const ignoring = (options: Parameters<typeof softmaxCrossEntropy>[2]) => (logits: tf.Tensor) =>
  softmaxCrossEntropy(logits, int32(1, -100, -100), { ignoreIndex: -100, ...options });
const zeros = [0, 0];

/** Ignored rows of losses and padding of sequences, which may hold anything. */
const masks: Readonly<Record<string, Edge>> = {
  'softmaxCrossEntropy, mean without ignored rows': {
    inputs: [ignored],
    operation: ignoring({}),
    result: loss,
    gradients: [[slope, zeros, zeros]],
  },
  'softmaxCrossEntropy, each, ignored rows 0': {
    inputs: [ignored],
    operation: ignoring({ reduction: 'none' }),
    result: [loss, 0, 0],
    gradients: [[slope, zeros, zeros]],
  },
  'softmaxCrossEntropy, smoothed without ignored rows': {
    inputs: [ignored],
    operation: ignoring({ labelSmoothing: 0.2 }),
    // −0.9 log softmax₁ − 0.1 log softmax₀
    result: loss + 0.1,
    gradients: [[[softmax[0] - 0.1, softmax[1] - 0.9], zeros, zeros]],
  },
  'weightedCrossEntropy, examples of weight 0': {
    inputs: [ignored],
    operation: (logits) =>
      weightedCrossEntropy(logits, int32(1, 0, 0), { exampleWeights: tf.tensor1d([2, 0, 0]), labelSmoothing: 0.2 }),
    result: loss + 0.1,
    gradients: [[[softmax[0] - 0.1, softmax[1] - 0.9], zeros, zeros]],
  },
  'where, a gradient that is not finite': {
    inputs: [[4, 0]],
    operation: (x) => tf.where(tf.tensor1d([1, 0], 'bool'), tf.sqrt(tf.where(tf.tensor1d([1, 0], 'bool'), x, 0)), 0),
    result: [2, 0],
    gradients: [[0.25, 0]],
  },
};

/** States of a recurrent layer for padding that is NaN, less those for padding that is 0: all 0, gradients too. */
const paddedWithNan = (
  gates: number,
  run: (call: RecurrentCall<tf.Tensor[]>) => RecurrentResult<tf.Tensor[]>,
): Edge => ({
  inputs: [steps([0.3, 1], [-1, 0.5], [2, -0.7])],
  operation: (x) => {
    const random = RandomStream.fromSeed(1);
    const weights = {
      weightIh: random.normal([2 * gates, 1]),
      weightHh: random.normal([2 * gates, 2]),
      biasIh: random.normal([2 * gates]),
      biasHh: random.normal([2 * gates]),
    };
    const mask = tf.tensor3d([1, 1, 1, 0, 1, 0], [3, 2, 1]);
    const state = [tf.zeros([2, 2]), tf.zeros([2, 2])];
    const results = [NaN, 0].map((value) => {
      const inputs = tf.where(tf.cast(mask, 'bool'), x, tf.fill(x.shape, value));
      const { states, state: last } = run({ inputs, state, weights, mask, reverse: false });
      return tf.add(tf.sum(tf.square(states)), tf.sum(last[0]!));
    });
    return tf.sub(results[0]!, results[1]!);
  },
  result: 0,
  gradients: [steps([0, 0], [0, 0], [0, 0])],
});

/** The gradients of PyTorch 2.13 for the same inputs. */
const kinks: Readonly<Record<string, Edge>> = {
  'maximum, a tie': {
    inputs: [
      [1, 2, 3],
      [1, 3, 2],
    ],
    operation: (a, b) => tf.maximum(a, b),
    result: [1, 3, 3],
    gradients: [
      [0.5, 0, 1],
      [0.5, 1, 0],
    ],
  },
  'minimum, a tie': {
    inputs: [[1, 2, 3], 2],
    operation: (a, b) => tf.minimum(a, b),
    result: [1, 2, 2],
    gradients: [[1, 0.5, 0], 1.5],
  },
  'max along an axis, ties': {
    inputs: [
      [
        [1, 2, 2],
        [3, 3, 3],
        [0, -1, -2],
      ],
    ],
    operation: (x) => tf.max(x, 1),
    result: [2, 3, 0],
    gradients: [
      [
        [0, 1 / 2, 1 / 2],
        [1 / 3, 1 / 3, 1 / 3],
        [1, 0, 0],
      ],
    ],
  },
  'max of all, ties': {
    inputs: [
      [
        [1, 4],
        [4, 4],
      ],
    ],
    operation: (x) => tf.max(x),
    result: 4,
    gradients: [
      [
        [0, 1 / 3],
        [1 / 3, 1 / 3],
      ],
    ],
  },
  'min along the first axis, ties': {
    inputs: [
      [
        [1, 2],
        [1, 3],
      ],
    ],
    operation: (x) => tf.min(x, 0, true),
    result: [[1, 2]],
    gradients: [
      [
        [1 / 2, 1],
        [1 / 2, 0],
      ],
    ],
  },
  'abs at 0': { inputs: [[-2, 0, 3]], operation: (x) => tf.abs(x), result: [2, 0, 3], gradients: [[-1, 0, 1]] },
  'norm of zeros': { inputs: [[0, 0]], operation: (x) => tf.norm(x), result: 0, gradients: [[0, 0]] },
  'norm of rows, one of zeros': {
    inputs: [
      [
        [0, 0],
        [3, -4],
      ],
    ],
    operation: (x) => tf.norm(x, 2, 1),
    result: [0, 5],
    gradients: [
      [
        [0, 0],
        [0.6, -0.8],
      ],
    ],
  },
  'norm of a matrix of zeros': {
    inputs: [[[0, 0]]],
    operation: (x) => tf.norm(x, 'fro', [0, 1]),
    result: 0,
    gradients: [[[0, 0]]],
  },
  'pow at base 0 and at exponent 0': {
    inputs: [[0, 0, 2, 0]],
    operation: (x) => tf.pow(x, tf.tensor1d([2, 0, 3, 1])),
    result: [0, 1, 8, 0],
    gradients: [[0, 0, 12, 1]],
  },
  'relu6 at 0 and 6': {
    inputs: [[-1, 0, 3, 6, 7]],
    operation: (x) => tf.relu6(x),
    result: [0, 0, 3, 6, 6],
    gradients: [[0, 0, 1, 0, 0]],
  },
};

const infinities: Readonly<Record<string, Edge>> = {
  'logSumExp, rows of infinities': {
    inputs: [
      [
        [-infinity, -infinity],
        [0, infinity],
        [-infinity, infinity],
        [-infinity, 3],
        [1000, 1000],
        [nan, 1],
      ],
    ],
    operation: (x) => logSumExp(x, 1),
    result: [-infinity, infinity, infinity, 3, 1000 + Math.LN2, nan],
  },
  'logSumExp, gradients beside -∞': {
    inputs: [
      [
        [-infinity, -infinity],
        [-infinity, 3],
        [0, 0],
      ],
    ],
    operation: (x) => logSumExp(x, -1),
    result: [-infinity, 3, Math.LN2],
    gradients: [
      [
        [0, 0],
        [0, 1],
        [0.5, 0.5],
      ],
    ],
  },
  'logSumExp of all': {
    inputs: [
      [
        [-infinity, 0],
        [0, 0],
      ],
    ],
    operation: (x) => logSumExp(x),
    result: Math.log(3),
    gradients: [
      [
        [0, 1 / 3],
        [1 / 3, 1 / 3],
      ],
    ],
  },
};

const metrics: Readonly<Record<string, Edge>> = {
  'accuracy, NaN is wrong': {
    inputs: [],
    operation: () => accuracy(tf.tensor2d([nan, nan, 1, nan, nan, 1, 0, 5], [4, 2]), int32(0, 0, 1, 1)),
    result: 0.25,
  },
};

/** Every edge, by name. */
export const edges: Readonly<Record<string, Edge>> = {
  ...masks,
  ...kinks,
  ...infinities,
  ...metrics,
  'lstmLayer, padding of NaN': paddedWithNan(4, lstmLayer as never),
  'gruLayer, padding of NaN': paddedWithNan(3, (call) => gruLayer({ ...call, state: [call.state[0]!] }) as never),
};
