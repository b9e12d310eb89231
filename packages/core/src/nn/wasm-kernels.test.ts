import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../node/backend.ts';
import { RandomStream } from '../random/random-stream.ts';
import { valueAndGradients } from '../train/value-and-gradients.ts';
import { parameter } from './parameter.ts';
import { completeWasmKernels } from './wasm-kernels.ts';

const draw = (shape: number[], seed: number): tf.Tensor => RandomStream.fromSeed(seed).normal(shape);

/** The gradients of sum(output²) at seeded values on a backend. */
async function gradientsOn(
  backend: 'cpu' | 'wasm',
  shapes: readonly (readonly number[])[],
  operation: (...inputs: tf.Tensor[]) => tf.Tensor,
): Promise<number[][]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const inputs = shapes.map((shape, seed) => parameter(draw([...shape], seed)));
  const parameters = new Map(inputs.map((input, index) => [String(index), input]));
  const loss = () => ({ loss: tf.sum<tf.Tensor>(tf.square(operation(...inputs))) });
  const { terms, gradients } = valueAndGradients(loss, parameters);
  const values = [terms.loss, ...Object.values(gradients)].map((tensor) => [...tensor.dataSync()]);
  tf.dispose([terms, gradients, inputs]);
  expect(tf.memory().numTensors).toBe(before);
  return values;
}

async function expectSame(...arguments_: [shapes: number[][], operation: (...inputs: tf.Tensor[]) => tf.Tensor]) {
  const [found, expected] = [await gradientsOn('wasm', ...arguments_), await gradientsOn('cpu', ...arguments_)];
  for (const [index, values] of expected.entries()) {
    const scale = Math.max(1, ...values.map(Math.abs));
    expect(found[index]).toHaveLength(values.length);
    expect(Math.max(...values.map((value, i) => Math.abs(value - found[index]![i]!)))).toBeLessThan(1e-5 * scale);
  }
}

describe('WebAssembly', () => {
  beforeAll(async () => {
    await chooseBackend('cpu');
    await chooseBackend('wasm');
    completeWasmKernels();
    completeWasmKernels();
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('multiplies matrices as plain JavaScript does, transposed %s and %s', async (transposeA, transposeB) => {
    const shapes = [transposeA ? [2, 4, 3] : [2, 3, 4], transposeB ? [2, 5, 4] : [2, 4, 5]];
    await expectSame(shapes, (a, b) => tf.matMul(a, b, transposeA, transposeB));
  });

  it.each([
    [[2, 6, 6, 3], [4, 4, 3, 2], 2, 'same'],
    [[3, 7, 8, 2], [3, 2, 2, 4], 2, 'valid'],
    [[1, 5, 4, 1], [3, 3, 1, 2], 1, 'same'],
    [[2, 9, 9, 2], [3, 3, 2, 3], 3, 'valid'],
  ] as const)('has the gradients of convolution: %j with %j, stride %i, %s', async (image, filter, stride, pad) => {
    await expectSame([[...image], [...filter]], (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad));
  });

  it('has those of transposed convolution', async () => {
    await expectSame(
      [
        [2, 3, 3, 2],
        [4, 4, 3, 2],
      ],
      (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 6, 6, 3], 2, 'same'),
    );
  });
});
