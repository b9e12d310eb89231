import './gradients/register.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { describeNative, describeOn } from '../testing/native.ts';
import { scaledDotProductAttention } from './attention.ts';
import { embedding } from './embedding.ts';
import { softmaxCrossEntropy } from './losses.ts';
import { batchNorm, standardizeWeight } from './normalization/channel-normalization.ts';
import reference from './primitives.reference.json' with { type: 'json' };
import { BACKENDS, expectClose, fromNumbers, startBackend, type Numbers } from './testing.ts';

type Inputs = Readonly<Record<string, tf.Tensor>>;
type Operation = (inputs: Inputs) => tf.Tensor;
interface Case {
  readonly inputs: Record<string, Numbers>;
  readonly output: Numbers;
  readonly along: Numbers;
  readonly gradients: Record<string, Numbers>;
}

const mask = () => {
  const second = [0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0];
  return tf.tensor([...[1, 2, 3].flatMap(() => [1, 1, 0, 1, 0]), ...second], [2, 1, 3, 5], 'bool');
};
const attention =
  (options: () => Parameters<typeof scaledDotProductAttention>[3]): Operation =>
  ({ query, key, value }) =>
    scaledDotProductAttention(query!, key!, value!, options());
const labels = () => tf.tensor1d([2, 0, 3, 1, 2, 2], 'int32');
const ignoring = () => tf.tensor1d([2, -100, 3, -100, 0, 2], 'int32');
const crossEntropy =
  (options: Parameters<typeof softmaxCrossEntropy>[2], target = labels): Operation =>
  ({ logits }) =>
    softmaxCrossEntropy(logits!, target(), options);
const convolution =
  (dilations: number | [number, number], pad: 'same' | 'valid'): Operation =>
  ({ x, weight }) =>
    tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, 1, pad, 'NHWC', dilations);

const operations: Readonly<Record<keyof typeof reference, Operation>> = {
  attention: attention(() => ({})),
  attentionCausal: attention(() => ({ causal: true })),
  attentionMasked: attention(() => ({ mask: mask() })),
  attentionMaskedCausal: attention(() => ({ mask: mask(), causal: true })),
  crossEntropy: crossEntropy({}),
  crossEntropyOfEach: crossEntropy({ reduction: 'none' }),
  crossEntropySmoothed: crossEntropy({ labelSmoothing: 0.1 }),
  crossEntropyIgnoring: crossEntropy({ labelSmoothing: 0.2, ignoreIndex: -100 }, ignoring),
  crossEntropySummed: crossEntropy({ reduction: 'sum', ignoreIndex: -100 }, ignoring),
  embedding: ({ table }) => embedding(tf.tensor([1, 3, 1, 0, 1, 3], [2, 3], 'int32'), table!),
  batchNorm: ({ x, scale, shift }) => batchNorm(x!, { scale: scale!, shift: shift! }),
  standardizedConvolution: ({ x, weight }) =>
    tf.conv2d(x as tf.Tensor4D, standardizeWeight(weight!) as tf.Tensor4D, 1, 'same'),
  dilatedConvolution: convolution([2, 3], 'valid'),
  dilatedSameConvolution: convolution(2, 'same'),
  dilatedDepthwise: ({ x, weight }) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, tf.reshape(weight!, [3, 2, 2, 2]), 1, 'valid', 'NHWC', 2),
  einsum: ({ a, b }) => tf.einsum('bhtd,bhsd->bhts', a!, b!),
  einsumSumming: ({ a, b }) => tf.einsum('abc,cd->dab', a!, b!),
  einsumAlone: ({ a }) => tf.einsum('abc->ca', a!),
  einsumOuter: ({ a, b }) => tf.einsum('i,jk->kij', a!, b!),
  topK: ({ x }) => tf.topk(x!, 2).values,
};
const names = Object.keys(operations) as (keyof typeof reference)[];

/** Gradients of Σ output · along with respect to every input. */
function gradientsOf(operation: Operation, inputs: Inputs, along: tf.Tensor): Record<string, tf.Tensor> {
  const keys = Object.keys(inputs);
  const loss = (...values: tf.Tensor[]): tf.Tensor => {
    const named = Object.fromEntries(keys.map((key, index) => [key, values[index]!]));
    return tf.sum(tf.mul(operation(named), along));
  };
  const gradients = tf.grads(loss)(Object.values(inputs));
  return Object.fromEntries(keys.map((key, index) => [key, gradients[index]!]));
}

function read(name: keyof typeof reference): { inputs: Inputs; along: tf.Tensor; expected: Case } {
  const expected = reference[name] as unknown as Case;
  const inputs = Object.fromEntries(Object.entries(expected.inputs).map(([key, value]) => [key, fromNumbers(value)]));
  return { inputs, along: fromNumbers(expected.along), expected };
}

describeOn(BACKENDS, 'operations on %s', (backend) => {
  beforeAll(() => startBackend(backend));

  it.each(names)('%s matches the values and gradients of PyTorch and leaks no tensors', (name) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const { inputs, along, expected } = read(name);
      expectClose(operations[name](inputs), expected.output);
      const gradients = gradientsOf(operations[name], inputs, along);
      for (const [key, value] of Object.entries(expected.gradients)) expectClose(gradients[key]!, value);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeNative('operations compiled', () => {
  beforeAll(() => startBackend('tensorflow'));

  it.each(names)('%s has the results of eager mode', async (name) => {
    const { compile } = await import('@motley/tensorflow');
    tf.tidy(() => {
      const { inputs, along } = read(name);
      const both = (given: Inputs, direction: tf.Tensor) => ({
        output: operations[name](given),
        gradients: gradientsOf(operations[name], given, direction),
      });
      const eager = both(inputs, along);
      for (const engine of ['grappler', 'xla'] as const) {
        const fast = compile(both, { engine });
        const { output, gradients } = fast(inputs, along);
        expectClose(output, eager.output);
        for (const key of Object.keys(gradients)) expectClose(gradients[key]!, eager.gradients[key]!);
        fast.dispose();
      }
    });
  });
});
