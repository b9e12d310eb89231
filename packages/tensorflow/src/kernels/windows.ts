import type { TensorInfo } from '@tensorflow/tfjs-core';

/** Padding in tfjs. A list has a pair for every axis of the tensor. */
export type Padding = 'same' | 'valid' | number | readonly (readonly [number, number])[];
export type Rounding = 'floor' | 'round' | 'ceil' | undefined;

/** Windows that slide over the spatial axes of an image or a volume. Each list has one value per axis. */
export interface Windows {
  readonly inputSizes: readonly number[];
  readonly filterSizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations?: readonly number[];
  /** Padding elements before and after. */
  readonly paddings: readonly (readonly [number, number])[];
}

/**
 * Size of the output along each axis, by default rounded towards zero. It agrees with tfjs-core's `computeConv2DInfo`,
 * except that the latter uses the filter's height as its width where the padding is a number.
 */
export function outputSizes(windows: Windows, rounding: Rounding): number[] {
  const { inputSizes, strides, paddings } = windows;
  const round = (size: number): number => (rounding === undefined ? Math.trunc(size) : Math[rounding](size));
  return inputSizes.map((size, axis) => {
    const [before, after] = paddings[axis]!;
    return Math.max(0, round((size + before + after - extent(windows, axis)) / strides[axis]! + 1));
  });
}

/** The paddings, increased where the last window reaches beyond them because of rounding up. */
export function reachingPaddings(windows: Windows, outputs: readonly number[]): [number, number][] {
  return windows.paddings.map(([before, after], axis) => {
    const end = (outputs[axis]! - 1) * windows.strides[axis]! + extent(windows, axis);
    return [before, Math.max(after, end - windows.inputSizes[axis]! - before)];
  });
}

/** Whether the paddings equal those of TensorFlow's SAME. */
export function areSame(
  windows: Windows,
  paddings: readonly (readonly [number, number])[],
  outputs: readonly number[],
): boolean {
  return windows.inputSizes.every((size, axis) => {
    const stride = windows.strides[axis]!;
    const output = Math.ceil(size / stride);
    const total = Math.max(0, (output - 1) * stride + extent(windows, axis) - size);
    const [before, after] = paddings[axis]!;
    return outputs[axis] === output && before === Math.floor(total / 2) && before + after === total;
  });
}

function extent({ filterSizes, dilations }: Windows, axis: number): number {
  return (filterSizes[axis]! - 1) * (dilations?.[axis] ?? 1) + 1;
}

/** One value per axis, from tfjs's single number or list. */
export function perAxis(value: number | readonly number[], axes: number): number[] {
  return typeof value === 'number' ? Array.from({ length: axes }, () => value) : value.slice(0, axes);
}

/** The paddings of the spatial axes, the first of which is `first`. */
export function spatialPaddings(padding: Exclude<Padding, 'same'>, axes: number, first: number): [number, number][] {
  return Array.from({ length: axes }, (_, axis) => {
    if (typeof padding === 'object') return [...padding[first + axis]!];
    const both = padding === 'valid' ? 0 : padding;
    return [both, both];
  });
}

export function areZero(paddings: readonly (readonly [number, number])[]): boolean {
  return paddings.every(([before, after]) => before === 0 && after === 0);
}

/** The sizes of the spatial axes of a tensor whose channels come last. */
export function spatialSizes({ shape }: Pick<TensorInfo, 'shape'>): number[] {
  return shape.slice(1, -1);
}
