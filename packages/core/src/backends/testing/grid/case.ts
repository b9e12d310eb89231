import type * as tf from '@tensorflow/tfjs-core';
import type { Draw } from './draw.ts';

export type GridDtype = 'float32' | 'int32' | 'bool';

/** A tensor of the grid on the host. Numbers of dtype float32 are rounded to it. */
export interface GridTensor {
  readonly shape: readonly number[];
  readonly dtype: GridDtype | 'string';
  readonly values: ArrayLike<number> | readonly string[];
}

/** A tensor of numbers. */
export interface GridNumbers extends GridTensor {
  readonly dtype: GridDtype;
  readonly values: ArrayLike<number>;
}

export type GridInputs = Readonly<Record<string, GridTensor>> | readonly GridTensor[];

/** One call of a kernel. */
export interface KernelCase {
  readonly inputs: GridInputs;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Computes the outputs of a call in plain loops, in float64. */
export type Reference = (
  inputs: Readonly<Record<string, GridNumbers>>,
  attributes: never,
) => GridTensor | readonly GridTensor[];

/** The calls of a kernel that are compared, and what they should give. */
export interface KernelGrid {
  /** A random call. */
  readonly draw: (draw: Draw) => KernelCase;
  /** Calls that are tried whatever is drawn. */
  readonly always?: () => readonly KernelCase[];
  /** Without a reference, plain JavaScript's kernel is the reference. */
  readonly reference?: Reference;
  /** How many times more often than other kernels this one is called: it has many options. Default 1. */
  readonly weight?: number;
  /** Largest difference, relative to the expected value or to 1. Default 2e-5. */
  readonly tolerance?: number;
}

export type KernelGrids = Readonly<Record<string, KernelGrid>>;

export type KernelName = Parameters<typeof tf.getKernel>[0];

/** Rows to columns: the distance in memory between neighbors along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Calls `body` with each index of a shape, in row-major order. It is the same array each time. */
export function forEachIndex(
  shape: readonly number[],
  body: (index: readonly number[], position: number) => void,
): void {
  const size = sizeOf(shape);
  const index = shape.map(() => 0);
  for (let position = 0; position < size; position++) {
    body(index, position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** Σ index · stride */
export function positionOf(index: readonly number[], strides: readonly number[]): number {
  let position = 0;
  for (let axis = 0; axis < index.length; axis++) position += index[axis]! * strides[axis]!;
  return position;
}

/** A tensor of the grid. Numbers of dtype float32 are rounded to it; a reference's results are not. */
export function gridTensor(shape: readonly number[], dtype: GridDtype, values: ArrayLike<number>): GridNumbers {
  return { shape, dtype, values: dtype === 'float32' ? Float32Array.from(values) : values };
}
