import * as tf from '@tensorflow/tfjs-core';
import { Conv2d, ConvTranspose2d, DepthwiseConv2d } from '../../nn/convolution.ts';
import { Dropout } from '../../nn/dropout.ts';
import { Embedding } from '../../nn/embedding.ts';
import { Linear } from '../../nn/linear.ts';
import type { Layer, Module } from '../../nn/module.ts';
import { BatchNorm2d, GroupNorm, LayerNorm, RmsNorm, StandardizedConv2d } from '../../nn/normalization/modules.ts';
import { GruCell, LstmCell } from '../../nn/recurrent/cells.ts';
import { Gru, Lstm } from '../../nn/recurrent/stack.ts';
import { Sequential } from '../../nn/sequential.ts';
import { RandomStream } from '../../random/random-stream.ts';
import { valueAndGradients } from '../../train/value-and-gradients.ts';
import { largestDifference, type GradientCheck } from './gradient-check.ts';

interface ModuleCase {
  readonly module: Module;
  readonly run: () => tf.Tensor;
}

const random = RandomStream.fromSeed(11);
const draw = (shape: readonly number[]): tf.Tensor => {
  const values = RandomStream.fromSeed(5).normalValues(tf.util.sizeFromShape([...shape]));
  return tf.tensor(values, [...shape]);
};

/** A module on an input of this shape. */
function on(create: () => Module & Layer, shape: readonly number[]): () => ModuleCase {
  return () => {
    const module = create();
    return { module, run: () => module.forward(draw(shape)) };
  };
}

const image = [2, 5, 4, 2];
const window = { kernelSize: 3, stride: 2, padding: 1, random };

/** Every module of core, created anew for each backend. */
export const modules: Readonly<Record<string, () => ModuleCase>> = {
  BatchNorm2d: on(() => new BatchNorm2d(2), image),
  Conv2d: on(() => new Conv2d(2, 3, window), image),
  ConvTranspose2d: on(() => new ConvTranspose2d(2, 3, window), image),
  DepthwiseConv2d: on(() => new DepthwiseConv2d(2, window), image),
  Dropout: () => {
    const module = new Dropout(0.5);
    module.eval(); // what it drops is the backend's own
    return { module, run: () => module.forward(draw([2, 3]), random) };
  },
  Embedding: () => {
    const module = new Embedding(5, 3, { random });
    return { module, run: () => module.forward(tf.tensor2d([[1, 4, 1]], [1, 3], 'int32')) };
  },
  GroupNorm: on(() => new GroupNorm(2, 4), [2, 3, 2, 4]),
  Gru: () => {
    const module = new Gru(3, 2, { random, bidirectional: true });
    return { module, run: () => module.forward(draw([2, 3, 3])).output };
  },
  GruCell: () => {
    const module = new GruCell(3, 2, { random });
    return { module, run: () => module.forward(draw([2, 3]), draw([2, 2])) };
  },
  LayerNorm: on(() => new LayerNorm(4), [3, 4]),
  Linear: on(() => new Linear(3, 4, { random }), [2, 3]),
  Lstm: () => {
    const module = new Lstm(3, 2, { random, numLayers: 2 });
    const lengths = () => tf.tensor1d([3, 2], 'int32');
    return { module, run: () => module.forward(draw([2, 3, 3]), { lengths: lengths() }).output };
  },
  LstmCell: () => {
    const module = new LstmCell(3, 2, { random });
    const state = () => ({ hidden: draw([2, 2]), cell: draw([2, 2]) });
    return { module, run: () => module.forward(draw([2, 3]), state()).hidden };
  },
  RmsNorm: on(() => new RmsNorm(4), [3, 4]),
  Sequential: on(() => new Sequential(new Linear(3, 4, { random }), tf.tanh, new Linear(4, 2, { random })), [2, 3]),
  StandardizedConv2d: on(() => new StandardizedConv2d(2, 3, window), image),
};

const STEP = 1e-2;

/** Compares the derivative of Σ output² along one direction through all parameters with its finite difference. */
export async function checkModule(create: () => ModuleCase): Promise<GradientCheck> {
  const { module, run } = create();
  const parameters = [...module.namedParameters().values()];
  // Initializers may draw on the device, whose numbers differ.
  const starts = parameters.map(({ size }, index) => RandomStream.fromSeed(index).normalValues(size, 0.2, 0.5));
  const directions = starts.map((values, index) =>
    RandomStream.fromSeed(100 + index).uniformValues(values.length, -1, 1),
  );
  const loss = (): tf.Scalar => tf.sum(tf.square(run()));
  const move = (by: number): void => {
    parameters.forEach((parameter, index) => {
      const moved = starts[index]!.map((value, element) => value + by * directions[index]![element]!);
      tf.tidy(() => {
        parameter.assign(tf.tensor(moved, parameter.shape));
      });
    });
  };
  const lossAt = async (by: number): Promise<number> => {
    move(by);
    const [value] = await read(tf.tidy(loss));
    return value!;
  };
  move(0);
  const results = [await read(tf.tidy(run))];
  // A module without parameters has no gradient to check.
  const { terms, gradients } =
    parameters.length === 0
      ? { terms: [], gradients: {} }
      : valueAndGradients(() => ({ loss: loss() }), module.namedParameters());
  tf.dispose(terms);
  let slope = 0;
  for (const [index, gradient] of Object.values<tf.Tensor>(gradients).entries())
    for (const [element, each] of (await read(gradient)).entries()) slope += each * directions[index]![element]!;
  const difference = ((await lossAt(STEP)) - (await lossAt(-STEP))) / (2 * STEP);
  module.dispose();
  return { results, error: largestDifference([slope], [difference]) };
}

async function read(tensor: tf.Tensor): Promise<Float32Array> {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return values;
}
