import './gradients/register.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../random/random-stream.ts';
import { gelu, geluTanh, silu } from './activations.ts';
import { scaledDotProductAttention } from './attention.ts';
import { embedding } from './embedding.ts';
import { softmaxCrossEntropy } from './losses.ts';
import { batchNorm, groupNorm, standardizeWeight } from './normalization/channel-normalization.ts';
import { layerNorm, rmsNorm } from './normalization/row-normalization.ts';
import { backends, startBackend } from './testing.ts';

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;
type Case = readonly [shapes: readonly number[][], operation: Operation];

const image = [2, 5, 4, 2];
const depthwise =
  (strides: number, pad: 'same' | 'valid', dilations = 1): Operation =>
  (x, filter) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, 'NHWC', dilations);

const cases: Readonly<Record<string, Case>> = {
  gelu: [[[3, 4]], (x) => gelu(x)],
  geluTanh: [[[3, 4]], (x) => geluTanh(x)],
  silu: [[[3, 4]], (x) => silu(x)],
  attention: [
    [
      [2, 3, 2],
      [2, 4, 2],
      [2, 4, 3],
    ],
    (query, key, value) => scaledDotProductAttention(query, key, value, { causal: true, scale: 0.3 }),
  ],
  'attention with dropped weights': [
    [
      [2, 3, 2],
      [2, 4, 2],
      [2, 4, 3],
    ],
    (query, key, value) => {
      const dropout = { rate: 0.4, random: RandomStream.fromSeed(7) };
      return scaledDotProductAttention(query, key, value, { dropout });
    },
  ],
  'cross-entropy': [
    [[3, 4]],
    (logits) => softmaxCrossEntropy(logits, tf.tensor1d([1, 3, 0], 'int32'), { labelSmoothing: 0.1 }),
  ],
  embedding: [[[4, 2]], (table) => embedding(tf.tensor1d([1, 3, 1], 'int32'), table)],
  layerNorm: [[[3, 4], [4], [4]], (x, scale, shift) => layerNorm(x, scale, shift)],
  rmsNorm: [[[3, 4], [4]], (x, scale) => rmsNorm(x, scale)],
  groupNorm: [[[2, 3, 2, 4], [4], [4]], (x, scale, shift) => groupNorm(x, 2, { scale: scale, shift: shift }, 1e-2)],
  batchNorm: [[[3, 2, 2], [2], [2]], (x, scale, shift) => batchNorm(x, { scale: scale, shift: shift })],
  standardizeWeight: [[[2, 2, 2, 2]], (weight) => standardizeWeight(weight)],
  depthwise: [[image, [3, 2, 2, 2]], depthwise(1, 'same')],
  'depthwise, strided': [[image, [2, 3, 2, 2]], depthwise(2, 'same')],
  'depthwise, rows left over': [
    [
      [1, 8, 6, 1],
      [2, 2, 1, 3],
    ],
    depthwise(3, 'valid'),
  ],
  'depthwise, dilated': [[image, [2, 2, 2, 1]], depthwise(1, 'same', 2)],
  'convolution, dilated': [
    [image, [2, 2, 2, 2]],
    (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same', 'NHWC', [1, 2]),
  ],
  einsum: [
    [
      [2, 3, 4],
      [4, 2, 2],
    ],
    (a, b) => tf.einsum('bij,jbk->bik', a, b),
  ],
  'einsum, an axis summed': [[[2, 3, 4]], (a) => tf.einsum('abc->ca', a)],
  'top-k': [[[3, 5]], (x) => tf.topk(x, 2).values],
};

const STEP = 1e-2;

/** (f(x + h) - f(x - h)) / 2h for every element of every input. */
function finiteDifferences(loss: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: readonly tf.Tensor[]): number[][] {
  return inputs.map((input, index) => {
    const values = input.dataSync();
    return Array.from(values, (value, element) => {
      const at = (moved: number) =>
        tf.tidy(() => {
          const changed = Float32Array.from(values);
          changed[element] = moved;
          return loss(
            ...inputs.map((each, other) => (other === index ? tf.tensor(changed, each.shape) : each)),
          ).dataSync()[0]!;
        });
      return (at(value + STEP) - at(value - STEP)) / (2 * STEP);
    });
  });
}

describe.each(backends)('gradients on %s', (backend) => {
  beforeAll(() => startBackend(backend));

  it.each(Object.keys(cases))('%s agree with finite differences', (name) => {
    const [shapes, operation] = cases[name]!;
    tf.tidy(() => {
      const random = RandomStream.fromSeed(3);
      const values = (shape: number[]) => tf.tensor(random.normalValues(tf.util.sizeFromShape(shape)), shape);
      const inputs = shapes.map(values);
      const along = values(operation(...inputs).shape);
      const loss = (...given: tf.Tensor[]): tf.Tensor => tf.sum(tf.mul(operation(...given), along));
      const expected = finiteDifferences(loss, inputs);
      tf.grads(loss)(inputs).forEach((gradient, index) => {
        const scale = Math.max(1, ...expected[index]!.map(Math.abs));
        gradient.dataSync().forEach((value, element) => {
          expect(Math.abs(value - expected[index]![element]!)).toBeLessThan(5e-3 * scale);
        });
      });
    });
  });
});
