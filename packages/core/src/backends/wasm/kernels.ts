import * as tf from '@tensorflow/tfjs-core';
import { sumByIndex } from '../../nn/sum-by-index.ts';
import { emptySlices } from '../empty-slices.ts';
import { addKernel, replaceKernel, type KernelCall } from '../kernels.ts';
import { identities, orIdentity, placeShape } from '../reductions.ts';
import { activate, withOwnActivation, type ActivationAttributes } from './activations.ts';
import { throughIntegers } from './booleans.ts';
import { broadcast } from './broadcasting.ts';
import { conv2dFilterGradient } from './convolution.ts';
import { depthwiseFilterGradient, depthwiseInputGradient } from './depthwise.ts';
import { dilate, dilationFilterGradient, dilationInputGradient } from './dilation.ts';
import { cast, floorDivide, floorModulo, onIntegers, prelu, select } from './elementwise.ts';
import { poolWithExplicitPadding, withExplicitPadding } from './explicit-padding.ts';
import { clipByValue, extreme, relu, relu6 } from './extremes.ts';
import { gatherInBatches } from './gather.ts';
import { resizeNearestNeighborGradient } from './images.ts';
import { createOutput } from './memory.ts';
import { mean, sum } from './reductions.ts';
import {
  averagePool,
  averagePoolGradient,
  convolutionFilterGradient,
  convolutionInputGradient,
  convolve,
  maximumPool,
  maximumPoolGradient,
  maximumPoolWithPlaces,
} from './windows.ts';

/**
 * Adds and replaces kernels of the WebAssembly backend. Its matrix product is 10 to 20 times slower with a transposed
 * operand, as in every backward pass. It lacks kernels for the gradients of convolution filters, of depthwise
 * convolutions and of lookups.
 */
export function completeWasm(): void {
  replaceKernel('wasm', 'BatchMatMul', matMul);
  replaceKernel('wasm', 'GatherV2', gatherInBatches);
  for (const [name, kernel] of Object.entries(replacements)) replaceKernel('wasm', name, () => kernel);
  for (const [name, kernelOf] of Object.entries(corrections)) replaceKernel('wasm', name, kernelOf);
  for (const name of ['All', 'Any', 'Max', 'Min', 'Prod']) replaceKernel('wasm', name, orIdentity(identities[name]!));
  for (const name of ['DepthToSpace', 'StridedSlice']) replaceKernel('wasm', name, keepingDtype);
  for (const kernelOf of [throughIntegers, emptySlices]) replaceKernel('wasm', 'StridedSlice', kernelOf);
  addKernel('wasm', 'Conv2DBackpropFilter', conv2dFilterGradient);
  addKernel('wasm', 'DepthwiseConv2dNativeBackpropInput', depthwiseInputGradient);
  addKernel('wasm', 'DepthwiseConv2dNativeBackpropFilter', depthwiseFilterGradient);
  addKernel('wasm', 'UnsortedSegmentSum', (inputs: SegmentInputs, { numSegments }: { numSegments: number }) =>
    sumByIndex(inputs.x, inputs.segmentIds, numSegments),
  );
}

/** Kernels that take the place of wrong ones. */
const replacements: Readonly<Record<string, (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[]>> = {
  AvgPool3D: averagePool,
  AvgPool3DGrad: averagePoolGradient,
  AvgPoolGrad: averagePoolGradient,
  Cast: cast,
  ClipByValue: clipByValue,
  Conv3D: convolve,
  Conv3DBackpropFilterV2: convolutionFilterGradient,
  Conv3DBackpropInputV2: convolutionInputGradient,
  MaxPool3D: maximumPool,
  MaxPool3DGrad: maximumPoolGradient,
  MaxPoolGrad: maximumPoolGradient,
  MaxPoolWithArgmax: maximumPoolWithPlaces,
  Dilation2D: dilate,
  Dilation2DBackpropFilter: dilationFilterGradient,
  Dilation2DBackpropInput: dilationInputGradient,
  Maximum: extreme('maximum'),
  Mean: mean,
  Minimum: extreme('minimum'),
  Mod: broadcast(floorModulo),
  OneHot: oneHot,
  Relu: relu,
  Relu6: relu6,
  ResizeNearestNeighborGrad: resizeNearestNeighborGradient,
  Sum: sum,
  _FusedMatMul: fusedMatMul,
};

/** Kernels that call the stock one where it is right. */
const corrections: Readonly<Record<string, (stock: tf.KernelFunc) => tf.KernelFunc>> = {
  Abs: onIntegers(Math.abs),
  ArgMax: placeShape,
  ArgMin: placeShape,
  AvgPool: poolWithExplicitPadding,
  Conv2D: withExplicitPadding(false),
  DepthwiseConv2dNative: withExplicitPadding(true),
  FloorDiv: floorDivide,
  FusedConv2D: (stock) => withOwnActivation(withExplicitPadding(false)(stock)),
  FusedDepthwiseConv2D: (stock) => withOwnActivation(withExplicitPadding(true)(stock)),
  MaxPool: poolWithExplicitPadding,
  Neg: onIntegers((x) => -x),
  Prelu: prelu,
  Reverse: throughIntegers,
  Select: select,
  Transpose: transpose,
};

interface SegmentInputs {
  readonly x: tf.Tensor;
  readonly segmentIds: tf.Tensor;
}

/** Matrix product that transposes first, as a separate operation. The stock kernel leaves sums of nothing unset. */
function matMul(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const { a, b } = call.inputs as Record<'a' | 'b', tf.Tensor>;
    if (a.size === 0 || b.size === 0) {
      const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
      const shape = [...batch, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
      return createOutput(call.backend, shape, a.dtype, (output) => output.fill(0));
    }
    if (!transposeA && !transposeB) return stock(call);
    return tf.tidy(() => {
      return tf.matMul(transposeA ? swapLastAxes(a) : a, transposeB ? swapLastAxes(b) : b);
    });
  };
}

/** Matrix product, bias and activation, each as its own operation. The stock kernel gets several of them wrong. */
function fusedMatMul({ inputs, attrs }: KernelCall): tf.TensorInfo {
  const { a, b, bias, preluActivationWeights } = inputs as Record<string, tf.Tensor>;
  const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
  return tf.tidy(() => {
    const product = tf.matMul(a!, b!, transposeA, transposeB);
    const sum = bias === undefined ? product : tf.add(product, bias);
    return activate(sum, attrs as unknown as ActivationAttributes, preluActivationWeights);
  });
}

function swapLastAxes(matrix: tf.Tensor): tf.Tensor {
  const { rank } = matrix;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return tf.transpose(matrix, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

interface OneHotAttributes {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype: tf.DataType;
}

/** One-hot encoding. The stock kernel writes integers whatever the dtype. */
function oneHot({ inputs, attrs, backend }: KernelCall): tf.TensorInfo {
  const indices = inputs.indices!;
  const { depth, onValue, offValue, dtype } = attrs as unknown as OneHotAttributes;
  return createOutput(backend, [...indices.shape, depth], dtype, (output, view) => {
    output.fill(offValue);
    view(indices).forEach((place, row) => {
      if (place >= 0 && place < depth) output[row * depth + place] = onValue;
    });
  });
}

/** The stock kernel divides by the length of an empty axis. */
function transpose(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { shape, dtype } = call.inputs.x!;
    const { perm } = call.attrs as unknown as { perm: number[] };
    if (!shape.includes(0)) return stock(call);
    return createOutput(
      call.backend,
      perm.map((axis) => shape[axis]!),
      dtype,
      () => undefined,
    );
  };
}

/** Keeps the dtype, which the stock kernel replaces by float32. */
function keepingDtype(stock: tf.KernelFunc): tf.KernelFunc {
  return (call: KernelCall) => {
    const output = stock(call) as tf.TensorInfo;
    const { dtype } = call.inputs.x!;
    const { dataIdMap } = call.backend as { dataIdMap: tf.DataStorage<{ dtype: tf.DataType }> };
    dataIdMap.get(output.dataId).dtype = dtype;
    return { ...output, dtype };
  };
}
