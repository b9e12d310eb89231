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
