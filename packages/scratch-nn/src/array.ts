/** Storage of an array's numbers: float32 for training, float64 for checks. */
export type Values = Float32Array | Float64Array;
export type DataType = 'float32' | 'float64';

/** An array of any rank: a strided view of a block of numbers, which several arrays may share. */
export class NdArray {
  readonly values: Values;
  readonly shape: readonly number[];
  /** Distance in `values` between neighboring indices of each axis; 0 repeats the same numbers along it. */
  readonly strides: readonly number[];
  /** Place in `values` of the element whose indices are all 0. */
  readonly offset: number;

  /** @throws RangeError where the view reaches beyond the values */
  constructor(
    values: Values,
    shape: readonly number[],
    strides: readonly number[] = rowMajorStrides(shape),
    offset = 0,
  ) {
    const reach = (direction: 1 | -1): number =>
      shape.reduce((sum, size, axis) => sum + Math.max(direction * strides[axis]!, 0) * (size - 1), 0);
    const isEmpty = sizeOf(shape) === 0;
    if (strides.length !== shape.length || (!isEmpty && (offset - reach(-1) < 0 || offset + reach(1) >= values.length)))
      throw new RangeError(
        `array: expected a view within ${values.length} numbers, got shape [${shape}], strides [${strides}], offset ${offset}`,
      );
    this.values = values;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
  }

  static zeros(shape: readonly number[], dataType: DataType = 'float32'): NdArray {
    const size = sizeOf(shape);
    return new NdArray(dataType === 'float32' ? new Float32Array(size) : new Float64Array(size), shape);
  }

  /** @throws RangeError where the shape has another size */
  static from(values: ArrayLike<number>, shape: readonly number[], dataType: DataType = 'float32'): NdArray {
    const array = NdArray.zeros(shape, dataType);
    if (values.length !== array.values.length)
      throw new RangeError(`array: expected ${array.values.length} numbers for [${shape}], got ${values.length}`);
    array.values.set(values);
    return array;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get dataType(): DataType {
    return this.values instanceof Float32Array ? 'float32' : 'float64';
  }

  /** Whether the numbers lie in row-major order without gaps. */
  get isContiguous(): boolean {
    const expected = rowMajorStrides(this.shape);
    return this.shape.every((size, axis) => size === 1 || this.strides[axis] === expected[axis]);
  }

  /** Another view of the same numbers. */
  view(shape: readonly number[], strides: readonly number[], offset = this.offset): NdArray {
    return new NdArray(this.values, shape, strides, offset);
  }

  /**
   * The same numbers in row-major order under another shape: a view where they are contiguous, else a copy.
   * @throws RangeError where the size differs
   */
  reshape(shape: readonly number[]): NdArray {
    if (sizeOf(shape) !== this.size)
      throw new RangeError(`reshape: expected ${this.size} numbers, got shape [${shape}]`);
    const { values, offset } = this.isContiguous ? this : this.copy();
    return new NdArray(values, shape, rowMajorStrides(shape), offset);
  }

  /** The numbers in row-major order: the array's own where it is contiguous, else a copy. */
  contiguous(): Values {
    const { values, offset, size } = this.isContiguous ? this : this.copy();
    return values.length === size ? values : values.subarray(offset, offset + size);
  }

  /** A contiguous copy. */
  copy(): NdArray {
    const result = NdArray.zeros(this.shape, this.dataType);
    let position = 0;
    const stride = this.strides.at(-1) ?? 0;
    forEachRow(this.shape, [this.strides], ([start], count) => {
      let index = this.offset + start!;
      for (let step = 0; step < count; step++, index += stride) result.values[position++] = this.values[index]!;
    });
    return result;
  }
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/**
 * Walks several arrays of one shape, row by row along the last axis.
 * @param strides of each array
 * @param row receives the offset of the row in each array, and the row's length
 */
export function forEachRow(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  row: (starts: readonly number[], count: number) => void,
): void {
  if (shape.includes(0)) return;
  const outer = shape.length - 1;
  const index = new Array<number>(Math.max(outer, 0)).fill(0);
  const starts = strides.map(() => 0);
  for (;;) {
    row(starts, shape[outer] ?? 1);
    let axis = outer - 1;
    for (; axis >= 0; axis--) {
      const size = shape[axis]!;
      index[axis]!++;
      const wraps = index[axis] === size;
      for (let operand = 0; operand < strides.length; operand++)
        starts[operand]! += strides[operand]![axis]! * (wraps ? 1 - size : 1);
      if (!wraps) break;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
