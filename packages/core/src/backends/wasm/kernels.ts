import * as tf from '@tensorflow/tfjs-core';
import { sumByIndex } from '../../nn/sum-by-index.ts';
import { emptySlices } from '../empty-slices.ts';
import { addKernel, replaceKernel, type KernelCall } from '../kernels.ts';
import { conv2dFilterGradient } from './convolution.ts';
import { poolWithExplicitPadding, withExplicitPadding } from './explicit-padding.ts';
import { depthwiseFilterGradient, depthwiseInputGradient } from './depthwise.ts';
import { throughIntegers } from './booleans.ts';
import { broadcast } from './broadcasting.ts';
import { cast, floorDivide, floorModulo, onIntegers, prelu, select } from './elementwise.ts';
import { clipByValue, extreme, relu6 } from './extremes.ts';
import { gatherInBatches } from './gather.ts';
import { createOutput } from './memory.ts';
import { mean, orIdentity, sum } from './reductions.ts';
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
  for (const [name, kernel] of Object.entries(replacements)) replaceKernel('wasm', name, () => kernel as tf.KernelFunc);
  for (const [name, kernelOf] of Object.entries(corrections)) replaceKernel('wasm', name, kernelOf);
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
  Maximum: extreme('maximum'),
  Mean: mean,
  Minimum: extreme('minimum'),
  Mod: broadcast(floorModulo),
  OneHot: oneHot,
  Relu6: relu6,
  Sum: sum,
};

/** Kernels that call the stock one where it is right. */
const corrections: Readonly<Record<string, (stock: tf.KernelFunc) => tf.KernelFunc>> = {
  Abs: onIntegers(Math.abs),
  All: orIdentity(() => 1),
  AvgPool: poolWithExplicitPadding,
  Any: orIdentity(() => 0),
  Conv2D: withExplicitPadding(false),
  DepthwiseConv2dNative: withExplicitPadding(true),
  FloorDiv: floorDivide,
  FusedConv2D: withExplicitPadding(false),
  FusedDepthwiseConv2D: withExplicitPadding(true),
  Max: orIdentity((dtype) => (dtype === 'int32' ? -(2 ** 31) : -Infinity)),
  MaxPool: poolWithExplicitPadding,
  Min: orIdentity((dtype) => (dtype === 'int32' ? 2 ** 31 - 1 : Infinity)),
  Neg: onIntegers((x) => -x),
  Prelu: prelu,
  Prod: orIdentity(() => 1),
  Reverse: throughIntegers,
  Select: select,
};

interface SegmentInputs {
  readonly x: tf.Tensor;
  readonly segmentIds: tf.Tensor;
}

/** Matrix product that transposes first, as a separate operation. */
function matMul(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { transposeA, transposeB } = call.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    if (!transposeA && !transposeB) return stock(call);
    return tf.tidy(() => {
      const a = call.inputs.a as tf.Tensor;
      const b = call.inputs.b as tf.Tensor;
      return tf.matMul(transposeA ? swapLastAxes(a) : a, transposeB ? swapLastAxes(b) : b);
    });
  };
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
