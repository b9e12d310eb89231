import '../nn/gradients/register.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { Conv2d, ConvTranspose2d, DepthwiseConv2d } from '../nn/convolution.ts';
import { Module } from '../nn/module.ts';
import { GroupNorm } from '../nn/normalization/modules.ts';
import { Gru, Lstm } from '../nn/recurrent/stack.ts';
import { RandomStream } from '../random/random-stream.ts';
import { describeNative, describeOn } from '../testing/native.ts';
import { valueAndGradients } from '../train/value-and-gradients.ts';
import { findBackends, startBackend } from './testing/start-backend.ts';

const { found } = await findBackends();
const random = RandomStream.fromSeed(1);
const window = { random, kernelSize: 3 };

interface Case {
  readonly create: () => Module;
  readonly forward: (layer: never, input: tf.Tensor) => tf.Tensor;
  /** Shapes without examples, and those of PyTorch's results, with the channels last. */
  readonly input: readonly number[];
  readonly output: readonly number[];
}

const images = [0, 5, 6, 2];
const simple = (layer: { forward: (input: tf.Tensor) => tf.Tensor }, input: tf.Tensor) => layer.forward(input);
const cases: Readonly<Record<string, Case>> = {
  Conv2d: { create: () => new Conv2d(2, 3, window), forward: simple, input: images, output: [0, 3, 4, 3] },
  'Conv2d, strides and padding': {
    create: () => new Conv2d(2, 3, { ...window, stride: 2, padding: 1 }),
    forward: simple,
    input: images,
    output: [0, 3, 3, 3],
  },
  DepthwiseConv2d: {
    create: () => new DepthwiseConv2d(2, window),
    forward: simple,
    input: images,
    output: [0, 3, 4, 2],
  },
  ConvTranspose2d: {
    create: () => new ConvTranspose2d(2, 3, window),
    forward: simple,
    input: images,
    output: [0, 7, 8, 3],
  },
  GroupNorm: { create: () => new GroupNorm(2, 2), forward: simple, input: images, output: images },
  'Lstm, outputs': {
    create: () => new Lstm(2, 3, { random, bidirectional: true }),
    forward: (layer: Lstm, input) => layer.forward(input).output,
    input: [0, 4, 2],
    output: [0, 4, 6],
  },
  'Lstm, last cell': {
    create: () => new Lstm(2, 3, { random, numLayers: 2 }),
    forward: (layer: Lstm, input) => layer.forward(input, { lengths: tf.tensor1d([], 'int32') }).cell,
    input: [0, 4, 2],
    output: [2, 0, 3],
  },
  'Gru, outputs': {
    create: () => new Gru(2, 3, { random }),
    forward: (layer: Gru, input) => layer.forward(input).output,
    input: [0, 4, 2],
    output: [0, 4, 3],
  },
};

/** Sequences without a step have no gradient: their result holds the initial state alone. */
const withoutSteps: Readonly<Record<string, Case>> = {
  'Gru, outputs of no steps': {
    create: () => new Gru(2, 3, { random }),
    forward: (layer: Gru, input) => layer.forward(input).output,
    input: [2, 0, 2],
    output: [2, 0, 3],
  },
  'Lstm, outputs of no steps': {
    create: () => new Lstm(2, 3, { random }),
    forward: (layer: Lstm, input) => layer.forward(input).output,
    input: [2, 0, 2],
    output: [2, 0, 3],
  },
};

/** Result, and the gradients of its sum by the parameters. */
function derive({ forward }: Case, layer: Module, input: tf.Tensor): Record<string, tf.Tensor> {
  const result = forward(layer as never, input);
  const loss = () => ({ loss: tf.sum<tf.Tensor>(forward(layer as never, input)) });
  const { gradients } = valueAndGradients(loss, layer.namedParameters());
  return { result, ...gradients };
}

function expectNothing({ output }: Case, { result, ...gradients }: Record<string, tf.Tensor>): void {
  expect(result!.shape).toEqual(output);
  for (const [name, gradient] of Object.entries(gradients))
    expect([...new Set(gradient.dataSync())].map(Math.abs), name).toEqual([0]);
}

describeOn(found, 'on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  // The stock kernel of WebAssembly that transposes for a mean divides by the size of an empty tensor.
  const possible = Object.entries(cases).filter(([name]) => backend !== 'wasm' || name !== 'GroupNorm');
  it.each(possible)('%s: no examples have the empty result and no gradient', (_, each) => {
    tf.tidy(() => {
      const layer = each.create();
      const input = tf.zeros([...each.input]);
      // The stock kernels of these leave sums of nothing unset.
      const sumsNothing = !['webgpu', 'wasm'].includes(backend);
      expectNothing(each, sumsNothing ? derive(each, layer, input) : { result: each.forward(layer as never, input) });
      layer.dispose();
    });
  });

  it.each(Object.entries(withoutSteps))('%s have the empty result', (_, each) => {
    tf.tidy(() => {
      const layer = each.create();
      expectNothing(each, { result: each.forward(layer as never, tf.zeros([...each.input])) });
      layer.dispose();
    });
  });
});

describeNative('compiled', () => {
  beforeAll(async () => {
    await startBackend('tensorflow');
  });

  it.each(Object.entries(cases))('%s: no examples have the empty result and no gradient', async (_, each) => {
    const { compile } = await import('@motley/tensorflow');
    const layer = each.create();
    const input = tf.zeros([...each.input]);
    for (const engine of ['grappler', 'xla'] as const) {
      const fast = compile((given: tf.Tensor) => derive(each, layer, given), { engine });
      const derived = fast(input);
      expectNothing(each, derived);
      tf.dispose(derived);
      fast.dispose();
    }
    tf.dispose(input);
    layer.dispose();
  });
});
