import * as tf from '@tensorflow/tfjs-core';
import type { KernelCall } from './kernels.ts';

interface ReductionAttributes {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

/** The tensor of a reduction, the axes that disappear, from the front, and the shape of the result. */
export function reductionOf({ inputs, attrs }: KernelCall) {
  const { axis, reductionIndices, keepDims } = attrs as ReductionAttributes;
  const x = inputs.x as tf.Tensor;
  const axes = tf.util.parseAxisParam((axis ?? reductionIndices)!, x.shape).sort((a, b) => a - b);
  const [kept] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
  return { x, axes, shape: keepDims === true ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept };
}

type Identity = number | ((dtype: tf.DataType) => number);

const lowest = (dtype: tf.DataType) => (dtype === 'int32' ? -(2 ** 31) : -Infinity);
const highest = (dtype: tf.DataType) => (dtype === 'int32' ? 2 ** 31 - 1 : Infinity);

/** Results of each kernel for no numbers. */
export const identities: Readonly<Record<string, Identity>> = {
  All: 1,
  Any: 0,
  Max: lowest,
  Mean: NaN,
  Min: highest,
  Prod: 1,
  Sum: 0,
};

/** Reduces no numbers to the identity, which stock kernels do not, and gives every result its shape. */
export function orIdentity(identity: Identity): (stock: tf.KernelFunc) => tf.KernelFunc {
  return (stock) => (call) => {
    const { x, shape } = reductionOf(call);
    // Means alone have a dtype of their own.
    const dtype = Object.is(identity, NaN) ? 'float32' : x.dtype;
    if (x.size === 0) {
      const value = typeof identity === 'number' ? identity : identity(x.dtype);
      return tf.tensor(Array<number>(tf.util.sizeFromShape(shape)).fill(value), shape, dtype);
    }
    const result = stock(call) as tf.TensorInfo;
    return { ...result, shape };
  };
}

/** Gives the result of a search along the only axis the shape of a scalar, and searches no lines. */
export function placeShape(stock: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { shape } = reductionOf(call);
    if (shape.includes(0)) return tf.tensor([], shape, 'int32');
    return { ...(stock(call) as tf.TensorInfo), shape };
  };
}
