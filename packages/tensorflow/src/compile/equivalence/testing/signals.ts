import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { type Case, type Cases, differentiable, integers, reals, shapes, sizes, valuesOnly } from './cases.ts';

const images = fc.record({ n: sizes(1, 2), height: sizes(2, 5), width: sizes(2, 5), channels: sizes(1, 3) });

/** Runs a kernel directly: tfjs has no function for it, or one that reads its arguments. */
const kernel = (name: string, inputs: Record<string, tf.Tensor>, attributes: object = {}) =>
  tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, inputs, attributes as tf.NamedAttrMap);

type Resize = (x: tf.Tensor4D, size: [number, number], alignCorners: boolean, halfPixelCenters: boolean) => tf.Tensor;

const resized = (run: Resize, centers: readonly (readonly [boolean, boolean])[]): fc.Arbitrary<Case> =>
  fc
    .tuple(images, sizes(1, 8), sizes(1, 8), fc.constantFrom(...centers))
    .map(([{ n, height, width, channels }, toHeight, toWidth, [align, half]]) =>
      differentiable([reals([n, height, width, channels])], (x) =>
        run(x as tf.Tensor4D, [toHeight, toWidth], align, half),
      ),
    );

const complexPart = (run: (z: tf.Tensor) => tf.Tensor): fc.Arbitrary<Case> =>
  shapes(1, 3).map((shape) => valuesOnly([reals(shape), reals(shape)], (re, im) => run(tf.complex(re, im))));

/** Three boxes [y₁, x₁, y₂, x₂] of which none is empty. */
const boxesOf = (corners: tf.Tensor) => {
  const [low, extent] = tf.split(corners, 2, 1) as [tf.Tensor, tf.Tensor];
  return tf.concat([low, tf.add(tf.add(low, extent), 0.1)], 1) as tf.Tensor2D;
};

/** Operations on images and complex numbers, counts, and operations without inputs. */
export const signals: Cases = {
  bincount: sizes(1, 8).map((count) =>
    valuesOnly([integers([count], 0, 5), reals([count])], (x, weights) =>
      tf.bincount(x as tf.Tensor1D, weights as tf.Tensor1D, 6),
    ),
  ),
  broadcastArgs: fc.constant(
    valuesOnly([integers([1], 1, 1), integers([2], 3, 3)], (s0, s1) => kernel('BroadcastArgs', { s0, s1 })),
  ),
  complex: complexPart(tf.clone),
  complexAbs: complexPart(tf.abs),
  cropAndResize: images.map(({ n, height, width, channels }) =>
    valuesOnly([reals([n, height, width, channels]), reals([3, 4], 0, 0.6)], (x, corners) =>
      tf.image.cropAndResize(x as tf.Tensor4D, boxesOf(corners), tf.zeros([3], 'int32'), [3, 2]),
    ),
  ),
  denseBincount: sizes(1, 8).map((count) =>
    valuesOnly([integers([2, count], 0, 5), reals([2, count])], (x, weights) =>
      tf.denseBincount(x as tf.Tensor2D, weights as tf.Tensor2D, 6),
    ),
  ),
  fft: complexPart(tf.fft),
  fill: shapes(0, 3).map((shape) => valuesOnly([reals(shape)], (x) => tf.add(x, tf.fill(shape, 1.5)))),
  flipLeftRight: images.map(({ n, height, width, channels }) =>
    valuesOnly([reals([n, height, width, channels])], (x) => tf.image.flipLeftRight(x as tf.Tensor4D)),
  ),
  ifft: complexPart(tf.ifft),
  imag: complexPart(tf.imag),
  linspace: sizes(1, 6).map((count) => valuesOnly([reals([count])], (x) => tf.mul(x, tf.linspace(-1, 2, count)))),
  multinomial: sizes(2, 5).map((classes) =>
    valuesOnly([reals([2, classes])], (logits) => tf.multinomial(logits as tf.Tensor2D, 7, 42)),
  ),
  nonMaxSuppressionPadded: sizes(1, 6).map((count) =>
    valuesOnly([reals([count, 4], 0, 0.6), reals([count], 0, 1)], (corners, scores) => {
      const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(
        boxesOf(corners),
        scores as tf.Tensor1D,
        4,
        0.5,
        0.2,
        true,
      ) as { selectedIndices: tf.Tensor; validOutputs: tf.Tensor };
      return [selectedIndices, validOutputs];
    }),
  ),
  raggedTensorToTensor: fc.constant(
    valuesOnly([reals([3])], (values) =>
      tf.raggedTensorToTensor(
        tf.tensor1d([2, 2], 'int32'),
        values,
        tf.scalar(0),
        [tf.tensor1d([0, 2, 3], 'int32')],
        ['ROW_SPLITS'],
      ),
    ),
  ),
  range: sizes(1, 6).map((count) => valuesOnly([reals([count])], (x) => tf.mul(x, tf.range(0, count, 1)))),
  real: complexPart(tf.real),
  resizeBilinear: resized(tf.image.resizeBilinear, [
    [false, false],
    [true, false],
    [false, true],
  ]),
  resizeNearestNeighbor: resized(tf.image.resizeNearestNeighbor, [
    [false, false],
    [true, false],
  ]),
  rotateWithOffset: images.map(({ n, height, width, channels }) =>
    valuesOnly([reals([n, height, width, channels])], (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, 0.7, 0.5)),
  ),
  sparseReshape: fc.constant(
    valuesOnly([integers([3, 2], 0, 1)], (indices) => {
      const shape = tf.tensor1d([2, 2], 'int32');
      const { outputIndices, outputShape } = tf.sparse.sparseReshape(
        indices as tf.Tensor2D,
        shape,
        tf.tensor1d([4], 'int32'),
      ) as { outputIndices: tf.Tensor; outputShape: tf.Tensor };
      return [outputIndices, outputShape];
    }),
  ),
  transform: images.map(({ n, height, width, channels }) =>
    valuesOnly([reals([n, height, width, channels]), reals([n, 8], -0.1, 0.9)], (x, transforms) =>
      tf.image.transform(x as tf.Tensor4D, transforms as tf.Tensor2D, 'bilinear', 'reflect', 0),
    ),
  ),
};
