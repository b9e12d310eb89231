import * as tf from '@tensorflow/tfjs-core';
import { asTensor, replaceKernel } from '../kernels.ts';

/** Replaces kernels of WebGPU whose shaders do not compile for some tensors, or give other numbers. */
export function completeWebGpu(): void {
  replaceKernel('webgpu', 'Conv2D', convolveNothing);
  replaceKernel('webgpu', 'PadV2', padByAxis);
  replaceKernel('webgpu', 'Transpose', throughFloats);
  for (const name of ['BatchMatMul', 'Conv3DBackpropFilterV2', 'DepthwiseConv2dNativeBackpropFilter', 'ScatterNd'])
    replaceKernel('webgpu', name, orZeros);
  for (const name of ['All', 'Any', 'Max', 'Min', 'Prod', 'Sum'])
    replaceKernel('webgpu', name, (stock) => ofFloats(stock, ({ dtype }) => dtype));
  replaceKernel('webgpu', 'Mean', (stock) => ofFloats(stock, () => 'float32'));
  for (const name of ['ArgMax', 'ArgMin']) replaceKernel('webgpu', name, (stock) => ofFloats(stock, () => 'int32'));
  // The stock kernel gives a bound for NaN, and so hides a bad gradient.
  replaceKernel(
    'webgpu',
    'Relu6',
    () =>
      ({ inputs }) =>
        tf.clipByValue(inputs.x as tf.Tensor, 0, 6),
  );
  // The logarithm of a negative number is NaN; that of 1 + x in the stock shader is any number.
  replaceKernel(
    'webgpu',
    'Log1p',
    () =>
      ({ inputs }) =>
        tf.tidy(() => tf.log(tf.add(inputs.x as tf.Tensor, 1))),
  );
}

/** Integers as floats in memory: casting alone only renames them. */
const asFloats = (x: tf.Tensor): tf.Tensor => tf.add(tf.cast(x, 'float32'), 0);

/** Moves numbers of tensors of more than four axes as floats: the shader has no other type. Their integers are exact to 2²⁴. */
function throughFloats(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const x = call.inputs.x as tf.Tensor;
    if (x.rank <= 4 || x.dtype === 'float32') return stock(call);
    return tf.tidy(() =>
      tf.cast(tf.transpose(asFloats(x), (call.attrs as unknown as { perm: number[] }).perm), x.dtype),
    );
  };
}

/** Reduces integers of tensors of more than four axes as floats: the shader that moves their axes has no other type. */
function ofFloats(stock: tf.KernelFunc, dtypeOf: (x: tf.Tensor) => tf.DataType): tf.KernelFunc {
  return (call) => {
    const x = call.inputs.x as tf.Tensor;
    if (x.rank <= 4 || x.size === 0 || x.dtype === 'float32') return stock(call);
    return tf.tidy(() => {
      const result = stock({ ...call, inputs: { x: asFloats(x) } });
      return tf.cast(asTensor(result), dtypeOf(x));
    });
  };
}

interface ShapeAttributes {
  readonly shape?: number[];
  readonly filterShape?: number[];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Sums of no numbers are 0. WebGPU refuses the empty buffer. */
function orZeros(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const tensors = Object.values(call.inputs) as tf.Tensor[];
    if (tensors.every(({ size }) => size > 0)) return stock(call);
    const { shape, filterShape, transposeA, transposeB } = call.attrs as ShapeAttributes;
    const { a, b } = call.inputs as Record<'a' | 'b', tf.Tensor | undefined>;
    const dtype = (call.inputs.updates ?? tensors[0]!).dtype;
    if (a === undefined || b === undefined) return tf.zeros((shape ?? filterShape)!, dtype);
    const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return tf.zeros([...batch, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!], dtype);
  };
}

function convolveNothing(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { x, filter } = call.inputs as Record<'x' | 'filter', tf.Tensor4D>;
    if (x.shape[0] !== 0) return stock(call);
    const { strides, pad, dataFormat, dilations, dimRoundingMode } = call.attrs as unknown as tf.Conv2DAttrs;
    const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
    return tf.zeros(
      tf.backend_util.computeConv2DInfo(x.shape, filter.shape, strides, dilations, pad, dimRoundingMode, false, format)
        .outShape,
    );
  };
}

interface PadAttributes {
  readonly paddings: readonly [before: number, after: number][];
  readonly constantValue: number;
}

/** Pads tensors of more than four axes one axis at a time, with the axes before and after it flattened. */
function padByAxis(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const x = call.inputs.x as tf.Tensor;
    const { paddings, constantValue } = call.attrs as unknown as PadAttributes;
    if (x.rank <= 4) return stock(call);
    const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
    return tf.tidy(() => {
      let padded = x;
      paddings.forEach(([before, after], axis) => {
        if (before + after === 0) return;
        const { shape } = padded;
        const [first, last] = [shape.slice(0, axis), shape.slice(axis + 1)];
        const flat = tf.reshape(padded, [count(first), shape[axis]!, count(last)]);
        const around: [number, number][] = [
          [0, 0],
          [before, after],
          [0, 0],
        ];
        padded = tf.reshape(tf.pad(flat, around, constantValue), [...first, shape[axis]! + before + after, ...last]);
      });
      return tf.clone(padded);
    });
  };
}
