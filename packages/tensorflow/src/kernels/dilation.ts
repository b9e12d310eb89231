import { pad, reshape, slice, stridedSlice, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { asTensor } from './kernel.ts';

/** Shape [H, W, …] of a filter after `spreadFilter`. */
export function spreadShape(filterShape: readonly number[], dilations: readonly number[]): number[] {
  return filterShape.map((size, axis) => (axis < 2 ? (size - 1) * dilations[axis]! + 1 : size));
}

/**
 * Puts zeros between the elements of a filter [H, W, C, M]. Without dilation, the result computes what `filter`
 * computes with it.
 */
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

/** Undoes `spreadFilter`: takes the elements between the zeros. */
export function gatherFilter(spread: Tensor, dilations: readonly number[]): Tensor {
  return stridedSlice(spread, [0, 0, 0, 0], spread.shape, [...dilations, 1, 1]);
}
