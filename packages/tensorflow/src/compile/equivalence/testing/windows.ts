import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { type Case, type Cases, differentiable, reals, sizes, valuesOnly } from './cases.ts';

const batch = sizes(1, 2);
const channels = sizes(1, 3);
const window = sizes(1, 3);
const stride = sizes(1, 2);
const image = sizes(4, 7);
const padding = fc.constantFrom('same' as const, 'valid' as const);
const padded = fc.oneof(padding, sizes(0, 1));
const activation = fc.constantFrom('linear' as const, 'relu' as const, 'elu' as const);

const convolution = fc.record({
  n: batch,
  height: image,
  width: image,
  size: window,
  inside: channels,
  outside: channels,
  stride,
  pad: padded,
});

type Windows = typeof convolution extends fc.Arbitrary<infer T> ? T : never;
type Spatial = (x: tf.Tensor4D, options: Windows) => tf.Tensor;

const pooled = (run: Spatial): fc.Arbitrary<Case> =>
  convolution.map((options) => {
    const { n, height, width, inside } = options;
    return differentiable([reals([n, height, width, inside])], (x) => run(x as tf.Tensor4D, options));
  });

const pooled3d = (
  run: (x: tf.Tensor5D, size: number, strides: number, pad: 'same' | 'valid') => tf.Tensor,
): fc.Arbitrary<Case> =>
  fc
    .tuple(sizes(3, 5), channels, window, stride, padding)
    .map(([size, depth, each, strides, pad]) =>
      differentiable([reals([1, size, size, size, depth])], (x) => run(x as tf.Tensor5D, each, strides, pad)),
    );

const onImage = (x: tf.Tensor) => x as tf.Tensor4D;

/** Convolutions and pooling. */
export const windows: Cases = {
  avgPool: pooled((x, { size, stride: strides, pad }) =>
    tf.avgPool(x, size, strides, typeof pad === 'number' ? 'same' : pad),
  ),
  avgPool3d: pooled3d((x, size, strides, pad) => tf.avgPool3d(x, size, strides, pad)),
  conv1d: fc
    .record({
      n: batch,
      length: image,
      size: window,
      inside: channels,
      outside: channels,
      strides: stride,
      pad: padding,
    })
    .map(({ n, length, size, inside, outside, strides, pad }) =>
      differentiable([reals([n, length, inside]), reals([size, inside, outside])], (x, filter) =>
        tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, strides, pad),
      ),
    ),
  conv2d: convolution.map(({ n, height, width, size, inside, outside, stride: strides, pad }) =>
    differentiable([reals([n, height, width, inside]), reals([size, size, inside, outside])], (x, filter) =>
      tf.conv2d(onImage(x), onImage(filter), strides, pad),
    ),
  ),
  'conv2d, channels first': convolution.map(({ n, height, width, size, inside, outside, pad }) =>
    valuesOnly([reals([n, inside, height, width]), reals([size, size, inside, outside])], (x, filter) =>
      tf.conv2d(onImage(x), onImage(filter), 1, pad, 'NCHW'),
    ),
  ),
  'conv2d, dilated': convolution.map(({ n, height, width, inside, outside, pad }) =>
    valuesOnly([reals([n, height, width, inside]), reals([2, 2, inside, outside])], (x, filter) =>
      tf.conv2d(onImage(x), onImage(filter), 1, pad, 'NHWC', 2),
    ),
  ),
  conv2dTranspose: convolution
    .filter(({ pad }) => typeof pad === 'string')
    .map(({ n, height, width, size, inside, outside, stride: strides, pad }) => {
      const grown = (length: number) => (pad === 'same' ? length * strides : (length - 1) * strides + size);
      const outputShape: [number, number, number, number] = [n, grown(height), grown(width), outside];
      return differentiable([reals([n, height, width, inside]), reals([size, size, outside, inside])], (x, filter) =>
        tf.conv2dTranspose(onImage(x), onImage(filter), outputShape, strides, pad),
      );
    }),
  conv3d: fc
    .tuple(sizes(3, 5), channels, channels, window, stride, padding)
    .map(([size, inside, outside, each, strides, pad]) =>
      differentiable([reals([1, size, size, size, inside]), reals([each, each, each, inside, outside])], (x, filter) =>
        tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, strides, pad),
      ),
    ),
  conv3dTranspose: fc.tuple(sizes(2, 3), channels, channels, stride).map(([size, inside, outside, strides]) => {
    const grown = size * strides;
    return valuesOnly([reals([1, size, size, size, inside]), reals([2, 2, 2, outside, inside])], (x, filter) =>
      tf.conv3dTranspose(x as tf.Tensor5D, filter as tf.Tensor5D, [1, grown, grown, grown, outside], strides, 'same'),
    );
  }),
  depthwiseConv2d: convolution.map(({ n, height, width, size, inside, outside, stride: strides, pad }) =>
    differentiable([reals([n, height, width, inside]), reals([size, size, inside, outside])], (x, filter) =>
      tf.depthwiseConv2d(onImage(x), onImage(filter), strides, pad),
    ),
  ),
  'depthwiseConv2d, padded by numbers, and a bias': convolution.map(
    ({ n, height, width, size, inside, stride: strides }) =>
      differentiable(
        [reals([n, height, width, inside]), reals([size, size, inside, 1]), reals([inside])],
        (x, filter, bias) => tf.relu(tf.add(tf.depthwiseConv2d(onImage(x), onImage(filter), strides, 1), bias)),
      ),
  ),
  dilation2d: convolution.map(({ n, height, width, size, inside, stride: strides }) =>
    differentiable([reals([n, height, width, inside]), reals([size, size, inside])], (x, filter) =>
      tf.dilation2d(onImage(x), filter as tf.Tensor3D, strides, 'same', 1),
    ),
  ),
  'fused.conv2d': fc
    .tuple(convolution, activation)
    .map(([{ n, height, width, size, inside, outside, stride: strides, pad }, name]) =>
      differentiable(
        [reals([n, height, width, inside]), reals([size, size, inside, outside]), reals([outside])],
        (x, filter, bias) =>
          tf.fused.conv2d({ x: onImage(x), filter: onImage(filter), bias, strides, pad, activation: name }),
      ),
    ),
  'fused.depthwiseConv2d': fc
    .tuple(convolution, activation)
    .map(([{ n, height, width, size, inside, stride: strides, pad }, name]) =>
      differentiable(
        [reals([n, height, width, inside]), reals([size, size, inside, 1]), reals([inside])],
        (x, filter, bias) =>
          tf.fused.depthwiseConv2d({ x: onImage(x), filter: onImage(filter), bias, strides, pad, activation: name }),
      ),
    ),
  maxPool: pooled((x, { size, stride: strides, pad }) =>
    tf.maxPool(x, size, strides, typeof pad === 'number' ? 'same' : pad),
  ),
  maxPool3d: pooled3d((x, size, strides, pad) => tf.maxPool3d(x, size, strides, pad)),
  maxPoolWithArgmax: convolution.map(({ n, height, width, size, inside, stride: strides }) =>
    valuesOnly([reals([n, height, width, inside])], (x) => {
      const { result, indexes } = tf.maxPoolWithArgmax(onImage(x), size, strides, 'same') as unknown as Record<
        string,
        tf.Tensor
      >;
      return [result!, indexes!];
    }),
  ),
  'pool, dilated': convolution.map(({ n, height, width, inside }) =>
    differentiable([reals([n, height, width, inside])], (x) => tf.pool(onImage(x), 2, 'avg', 'same', 2, 1)),
  ),
  separableConv2d: convolution.map(({ n, height, width, size, inside, outside, stride: strides, pad }) =>
    differentiable(
      [reals([n, height, width, inside]), reals([size, size, inside, 1]), reals([1, 1, inside, outside])],
      (x, depthwise, pointwise) =>
        tf.separableConv2d(
          onImage(x),
          onImage(depthwise),
          onImage(pointwise),
          strides,
          typeof pad === 'number' ? 'same' : pad,
        ),
    ),
  ),
};
