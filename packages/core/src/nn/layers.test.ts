import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { RandomStream } from '../random/random-stream.ts';
import { describeOn } from '../testing/native.ts';
import { valueAndGradients } from '../train/value-and-gradients.ts';
import { gelu, geluTanh, silu } from './activations.ts';
import { Conv2d, ConvTranspose2d, DepthwiseConv2d } from './convolution.ts';
import { Linear } from './linear.ts';
import type { Layer, Module } from './module.ts';
import { GroupNorm, LayerNorm, RmsNorm } from './normalization/modules.ts';
import reference from './reference.json' with { type: 'json' };
import { Sequential } from './sequential.ts';
import { BACKENDS, expectClose, fromNumbers, startBackend, type Numbers } from './testing.ts';

interface Case {
  readonly state: Record<string, Numbers>;
  readonly input: Numbers;
  readonly output: Numbers;
  readonly gradients: Record<string, Numbers>;
  readonly inputGradient: Numbers;
}
type ReferenceName = keyof typeof reference;

const toChannelsLast = (image: tf.Tensor): tf.Tensor =>
  image.rank === 4 ? tf.transpose(image, [0, 2, 3, 1]) : tf.clone(image);
const toChannelsFirst = (image: tf.Tensor): tf.Tensor =>
  image.rank === 4 ? tf.transpose(image, [0, 3, 1, 2]) : tf.clone(image);

const random = RandomStream.fromSeed(1);
const cases: Record<ReferenceName, () => Module & Layer> = {
  linear: () => new Linear(3, 2, { random }),
  convolutionSame: () => new Conv2d(2, 3, { random, kernelSize: 4, stride: 2, padding: 1 }),
  convolutionPadded: () => new Conv2d(1, 2, { random, kernelSize: 3, stride: 2, padding: 1 }),
  convolutionValid: () => new Conv2d(2, 1, { random, kernelSize: 3, bias: false }),
  transposedSame: () => new ConvTranspose2d(3, 2, { random, kernelSize: 4, stride: 2, padding: 1 }),
  transposedCut: () => new ConvTranspose2d(2, 1, { random, kernelSize: 3, stride: 2, padding: 1 }),
  transposedValid: () => new ConvTranspose2d(1, 2, { random, kernelSize: 3, stride: 2, bias: false }),
  sequential: () => new Sequential(new Linear(3, 4, { random }), geluTanh, new Linear(4, 2, { random }), silu),
  gelu: () => new Sequential(new Linear(3, 4, { random }), gelu),
  depthwiseSame: () => new DepthwiseConv2d(3, { random, kernelSize: 3, padding: 1 }),
  depthwiseStrided: () => new DepthwiseConv2d(2, { random, kernelSize: 3, stride: 2, padding: 1 }),
  depthwiseValid: () => new DepthwiseConv2d(2, { random, kernelSize: 2, stride: 3, bias: false }),
  layerNorm: () => new LayerNorm(5),
  rmsNorm: () => new RmsNorm(5),
  groupNorm: () => new GroupNorm(2, 6),
  instanceNorm: () => new GroupNorm(3, 3, { epsilon: 1e-3 }),
};

describeOn(BACKENDS, 'layers on %s', (backend) => {
  beforeAll(() => startBackend(backend));

  it.each(Object.keys(cases) as ReferenceName[])('%s match the outputs and gradients of PyTorch', (name) => {
    const expected = reference[name] as unknown as Case;
    const layer = cases[name]();
    const before = tf.memory().numTensors;
    const state = Object.fromEntries(Object.entries(expected.state).map(([key, value]) => [key, fromNumbers(value)]));
    layer.loadStateDict(state);
    tf.dispose(state);
    expect(tf.memory().numTensors).toBe(before);

    tf.tidy(() => {
      const input = toChannelsLast(fromNumbers(expected.input));
      expectClose(toChannelsFirst(layer.forward(input)), expected.output);
      const inputGradient = tf.grad((given) => tf.sum(tf.square(layer.forward(given))))(input);
      expectClose(toChannelsFirst(inputGradient), expected.inputGradient);

      const loss = (): { loss: tf.Tensor } => ({ loss: tf.sum(tf.square(layer.forward(input))) });
      const { gradients } = valueAndGradients(loss, layer.namedParameters());
      expect(Object.keys(gradients)).toEqual(Object.keys(expected.gradients));
      // Gradients have the stored layout. As parameters, they can be read in PyTorch's.
      for (const [key, parameter] of layer.namedParameters()) parameter.assign(gradients[key]!);
      const inPyTorch = layer.stateDict();
      for (const [key, gradient] of Object.entries(expected.gradients)) expectClose(inPyTorch[key]!, gradient);
    });
    layer.dispose();
  });

  it.each([{ shape: [3] }, { shape: [4, 3] }, { shape: [2, 2, 3] }, { shape: [2, 1, 2, 3] }])(
    'linear accepts any leading axes: $shape',
    ({ shape }) => {
      const expected: Case = reference.linear;
      const layer = new Linear(3, 2, { random });
      tf.tidy(() => {
        layer.loadStateDict({
          weight: fromNumbers(reference.linear.state.weight),
          bias: fromNumbers(reference.linear.state.bias),
        });
        const rows = fromNumbers(expected.input); // [4, 3]
        const inputs = tf.split(rows, rows.size / tf.util.sizeFromShape(shape)).map((part) => tf.reshape(part, shape));
        const outputs = inputs.map((input) => layer.forward(input));
        for (const output of outputs) expect(output.shape).toEqual([...shape.slice(0, -1), 2]);
        expectClose(tf.concat(outputs.map((output) => tf.reshape(output, [-1, 2]))), expected.output);

        const sumOfSquares = (...given: tf.Tensor[]): tf.Scalar =>
          tf.addN(given.map((input) => tf.sum(tf.square(layer.forward(input)))));
        const byInputs = tf.grads(sumOfSquares)(inputs);
        expectClose(tf.concat(byInputs.map((each) => tf.reshape(each, [-1, 3]))), expected.inputGradient);
        const { gradients } = valueAndGradients(() => ({ loss: sumOfSquares(...inputs) }), layer.namedParameters());
        for (const [key, gradient] of Object.entries(expected.gradients)) expectClose(gradients[key]!, gradient);
      });
      layer.dispose();
    },
  );

  it('have initial weights within the bounds of PyTorch, determined by the seed', () => {
    const make = (seed: number): Module => new Conv2d(4, 8, { random: RandomStream.fromSeed(seed), kernelSize: 3 });
    const valuesOf = (layer: Module): number[] =>
      [...layer.namedParameters().values()].flatMap((variable) => [...variable.dataSync()]);
    const [layer, same, other] = [make(1), make(1), make(2)];
    expect(valuesOf(layer)).toEqual(valuesOf(same));
    expect(valuesOf(layer)).not.toEqual(valuesOf(other));
    const most = largest(valuesOf(layer).map(Math.abs));
    expect(most).toBeLessThanOrEqual(1 / Math.sqrt(4 * 9));
    expect(most).toBeGreaterThan(0.9 / Math.sqrt(4 * 9));
    for (const each of [layer, same, other]) each.dispose();
  });
});
