import * as tf from '@tensorflow/tfjs-core';
import { composedEinsum } from './gradients/einsum.ts';
import { hasKernel } from './has-kernel.ts';
import { sumByIndex } from './sum-by-index.ts';
import { depthwiseFilterGradient, depthwiseInputGradient } from './wasm-depthwise.ts';

/**
 * Gives the WebAssembly backend what training needs, once it is the current backend; does nothing on any other. Its
 * matrix product is 10 to 20 times slower where an operand is transposed, as in every backward pass, and it has no
 * kernel for the gradients of a convolution's filter, of depthwise convolution and of lookups, nor for einsum.
 */
export function completeWasmKernels(): void {
  if (tf.getBackend() !== 'wasm' || hasKernel('Conv2DBackpropFilter')) return;
  const stock = tf.getKernel('BatchMatMul', 'wasm');
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({ ...stock, kernelFunc: (call) => matMul(call, stock.kernelFunc) });
  register('Conv2DBackpropFilter', conv2dFilterGradient);
  register('DepthwiseConv2dNativeBackpropInput', depthwiseInputGradient);
  register('DepthwiseConv2dNativeBackpropFilter', depthwiseFilterGradient);
  register('UnsortedSegmentSum', (inputs: SegmentInputs, { numSegments }: { numSegments: number }) =>
    sumByIndex(inputs.x, inputs.segmentIds, numSegments),
  );
  register('Einsum', (inputs: Record<string, tf.Tensor>, { equation }: { equation: string }) =>
    composedEinsum(equation, Object.values(inputs)),
  );
}

interface SegmentInputs {
  readonly x: tf.Tensor;
  readonly segmentIds: tf.Tensor;
}

/** Each kernel is given the inputs and attributes of its name. */
function register(kernelName: string, kernel: (inputs: never, attributes: never) => tf.Tensor): void {
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) => kernel(inputs as never, attrs as never);
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

/** Transposes first, as its own operation. */
function matMul(call: Parameters<tf.KernelFunc>[0], stock: tf.KernelFunc): ReturnType<tf.KernelFunc> {
  const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
  if (!transposeA && !transposeB) return stock(call);
  return tf.tidy(() => {
    const a = call.inputs.a as tf.Tensor;
    const b = call.inputs.b as tf.Tensor;
    return tf.matMul(transposeA ? swapLastAxes(a) : a, transposeB ? swapLastAxes(b) : b);
  });
}

function swapLastAxes(matrix: tf.Tensor): tf.Tensor {
  const { rank } = matrix;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return tf.transpose(matrix, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

interface FilterGradientAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

/**
 * ∂/∂filter as a convolution: the channels of the images take the place of the batch, the batch that of the channels,
 * and the gradient of the output is the filter, spread out by the strides. [B, H, W, I], [B, H', W', O] → [h, w, I, O].
 */
function conv2dFilterGradient(
  { x: images, dy: gradient }: { x: tf.Tensor4D; dy: tf.Tensor4D },
  attributes: FilterGradientAttributes,
): tf.Tensor {
  const { strides, pad, dimRoundingMode, filterShape } = attributes;
  const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
    images.shape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return tf.tidy(() => {
    const { top, bottom, left, right } = padInfo;
    const padded = tf.pad(images, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const [batch, , , channels] = images.shape;
    const [, outputHeight, outputWidth] = gradient.shape;
    // Rows and columns that no output reached have no part in the gradient.
    const height = (outputHeight - 1) * strideHeight + filterShape[0];
    const width = (outputWidth - 1) * strideWidth + filterShape[1];
    const reached = tf.slice(padded, [0, 0, 0, 0], [batch, height, width, channels]);
    const swapped: tf.Tensor4D = tf.transpose(reached, [3, 1, 2, 0]); // [I, H, W, B]
    const filter: tf.Tensor4D = tf.transpose(gradient, [1, 2, 0, 3]); // [H', W', B, O]
    const result = tf.conv2d(swapped, filter, 1, 'valid', 'NHWC', [strideHeight, strideWidth]); // [I, h, w, O]
    return tf.transpose(result, [1, 2, 0, 3]);
  });
}
