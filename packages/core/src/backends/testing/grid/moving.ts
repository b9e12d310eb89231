import type { Draw } from './draw.ts';
import { forEachIndex, positionOf, sizeOf, stridesOf, type GridNumbers } from './tensor.ts';

/** A tensor with some axes, each of whose numbers is distinct where it matters. */
export const any = (draw: Draw, shape: readonly number[]): GridNumbers => draw.numbers(shape, draw.dtype());

/** The result takes each number from a place of the operand, or a constant where the place is null. */
export function taken(
  x: GridNumbers,
  shape: readonly number[],
  from: (index: readonly number[]) => readonly number[] | null,
  constant = 0,
): GridNumbers {
  const strides = stridesOf(x.shape);
  const values = new Float64Array(sizeOf(shape));
  forEachIndex(shape, (index, position) => {
    const place = from(index);
    values[position] = place === null ? constant : x.values[positionOf(place, strides)]!;
  });
  return { shape, dtype: x.dtype, values };
}

/** [block..., batch] of a place in space: SpaceToBatch's order. */
export const blockIndex = (block: readonly number[], position: number): number[] =>
  block.map((length, axis) => Math.floor(position / sizeOf(block.slice(axis + 1))) % length);
