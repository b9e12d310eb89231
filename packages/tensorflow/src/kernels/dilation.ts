import { pad, reshape, slice, stridedSlice, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { asTensor } from './kernel.ts';

/** A filter's shape [H, W, …] with its elements `dilations` apart. */
export function spreadShape(filterShape: readonly number[], dilations: readonly number[]): number[] {
  return filterShape.map((size, axis) => (axis < 2 ? (size - 1) * dilations[axis]! + 1 : size));
}

/** The filter [H, W, C, M] that does undilated what `filter` does dilated: zeros stand between its elements. */
export function spreadFilter(filter: TensorInfo, dilations: readonly number[]): Tensor {
  const [height = 0, width = 0, ...channels] = filter.shape;
  const [alongHeight = 1, alongWidth = 1] = dilations;
  const apart = reshape(asTensor(filter), [height, 1, width, 1, ...channels]);
  const padded = pad(apart, [
    [0, 0],
    [0, alongHeight - 1],
    [0, 0],
    [0, alongWidth - 1],
    [0, 0],
    [0, 0],
  ]);
  const merged = reshape(padded, [height * alongHeight, width * alongWidth, ...channels]);
  return slice(merged, [0, 0, 0, 0], spreadShape(filter.shape, dilations));
}

/** The elements that `spreadFilter` kept apart. */
export function gatherFilter(spread: Tensor, dilations: readonly number[]): Tensor {
  return stridedSlice(spread, [0, 0, 0, 0], spread.shape, [...dilations, 1, 1]);
}
