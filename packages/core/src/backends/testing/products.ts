import * as tf from '@tensorflow/tfjs-core';
import { differentiable, type Case, type Cases } from './case.ts';

type Image = tf.Tensor4D;
type Pad = 'same' | 'valid';

const image = [2, 5, 4, 2];

function convolution(
  filter: readonly number[],
  strides: number,
  pad: Pad,
  dilations: number | [number, number] = 1,
): Case {
  return differentiable([image, filter], (x, w) => tf.conv2d(x as Image, w as Image, strides, pad, 'NHWC', dilations));
}

function depthwise(shapes: readonly number[][], strides: number, pad: Pad, dilations = 1): Case {
  return differentiable(shapes, (x, w) => tf.depthwiseConv2d(x as Image, w as Image, strides, pad, 'NHWC', dilations));
}

function product(transposeA: boolean, transposeB: boolean): Case {
  return differentiable([transposeA ? [2, 3, 2] : [2, 2, 3], transposeB ? [2, 4, 3] : [2, 3, 4]], (a, b) =>
    tf.matMul(a, b, transposeA, transposeB),
  );
}

/** Matrix products, convolutions and pooling. */
export const products: Cases = {
  avgPool: differentiable([image], (x) => tf.avgPool(x as Image, 3, 2, 'same')),
  conv1d: differentiable(
    [
      [2, 5, 2],
      [3, 2, 2],
    ],
    (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 1, 'same'),
  ),
  conv2d: convolution([3, 2, 2, 3], 1, 'same'),
  'conv2d, strided': convolution([3, 3, 2, 2], 2, 'same'),
  'conv2d, rows left over': convolution([2, 2, 2, 2], 3, 'valid'),
  'conv2d, 1 × 1': convolution([1, 1, 2, 3], 1, 'valid'),
  'conv2d, dilated': convolution([2, 2, 2, 2], 1, 'same', [1, 2]),
  conv2dTranspose: differentiable(
    [
      [2, 3, 3, 2],
      [4, 4, 3, 2],
    ],
    (x, w) => tf.conv2dTranspose(x as Image, w as Image, [2, 6, 6, 3], 2, 'same'),
  ),
  depthwiseConv2d: depthwise([image, [3, 2, 2, 2]], 1, 'same'),
  'depthwiseConv2d, strided': depthwise([image, [2, 3, 2, 2]], 2, 'same'),
  'depthwiseConv2d, rows left over': depthwise(
    [
      [1, 8, 6, 1],
      [2, 2, 1, 3],
    ],
    3,
    'valid',
  ),
  'depthwiseConv2d, dilated': depthwise([image, [2, 2, 2, 1]], 1, 'same', 2),
  dot: differentiable([[2, 3], [3]], (a, b) => tf.dot(a, b)),
  einsum: differentiable(
    [
      [2, 3, 4],
      [4, 2, 2],
    ],
    (a, b) => tf.einsum('bij,jbk->bik', a, b),
  ),
  'einsum, an axis summed': differentiable([[2, 3, 4]], (a) => tf.einsum('abc->ca', a)),
  'einsum, axes of one operand summed': differentiable(
    [
      [2, 3, 2],
      [2, 2],
    ],
    (a, b) => tf.einsum('abc,cd->da', a, b),
  ),
  localResponseNormalization: differentiable([[1, 2, 2, 4]], (x) =>
    tf.localResponseNormalization(x as Image, 1, 1, 0.5, 0.5),
  ),
  matMul: product(false, false),
  'matMul, first transposed': product(true, false),
  'matMul, second transposed': product(false, true),
  'matMul, both transposed': product(true, true),
  maxPool: differentiable([image], (x) => tf.maxPool(x as Image, 2, 2, 'same')),
  'maxPool, overlapping': differentiable([image], (x) => tf.maxPool(x as Image, 3, 1, 'valid')),
  resizeBilinear: differentiable([[1, 3, 2, 2]], (x) => tf.image.resizeBilinear(x as Image, [5, 4])),
  'resizeBilinear, pixels halved': differentiable([[1, 4, 4, 1]], (x) =>
    tf.image.resizeBilinear(x as Image, [2, 2], false, true),
  ),
  resizeNearestNeighbor: differentiable([[1, 3, 2, 2]], (x) => tf.image.resizeNearestNeighbor(x as Image, [6, 4])),
  separableConv2d: differentiable([image, [2, 2, 2, 1], [1, 1, 2, 3]], (x, w, v) =>
    tf.separableConv2d(x as Image, w as Image, v as Image, 1, 'same'),
  ),
};
