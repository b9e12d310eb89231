import { pad, reshape, slice, stridedSlice, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { asTensor } from './kernel.ts';

/** Shape of a tensor after `spread` by `factors`, one for each of its first axes. */
export function spreadShape(shape: readonly number[], factors: readonly number[]): number[] {
  return shape.map((size, axis) => (size - 1) * (factors[axis] ?? 1) + 1);
}

/**
 * Puts `factor - 1` zeros between the elements along each axis. A filter spread by its dilations computes without
 * dilation what it computes with it; a gradient spread by the strides, that of the convolution without strides.
 */
export function spread(tensor: TensorInfo, factors: readonly number[]): Tensor {
  let result = asTensor(tensor);
  for (const [axis, factor] of factors.entries()) {
    if (factor === 1) continue;
    const { shape } = result;
    const before = product(shape.slice(0, axis));
    const size = shape[axis]!;
    const after = product(shape.slice(axis + 1));
    const padded = pad(reshape(result, [before, size, 1, after]), [
      [0, 0],
      [0, 0],
      [0, factor - 1],
      [0, 0],
    ]);
    const length = (size - 1) * factor + 1;
    const kept = slice(reshape(padded, [before, size * factor, after]), [0, 0, 0], [before, length, after]);
    result = reshape(kept, [...shape.slice(0, axis), length, ...shape.slice(axis + 1)]);
  }
  return result;
}

/** Takes every `factor`-th element along each axis: undoes `spread`. */
export function thin(tensor: TensorInfo, factors: readonly number[]): Tensor {
  const { shape } = tensor;
  return stridedSlice(
    asTensor(tensor),
    shape.map(() => 0),
    [...shape],
    shape.map((_, axis) => factors[axis] ?? 1),
  );
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
