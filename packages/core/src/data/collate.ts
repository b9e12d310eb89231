import * as tf from '@tensorflow/tfjs-core';

/** Value of one item: a number, or numbers in row-major order. Bytes become float32 in batches. */
export type FieldValue =
  number | Uint8Array | Uint8ClampedArray | Int32Array | Uint32Array | Float32Array | Float64Array | readonly number[];

/** How the values of several items form one tensor of the batch. */
export interface FieldSpec {
  /** Shape of one item's value, `[]` for a scalar. A first axis of null has a variable length and is padded. */
  readonly shape: readonly [] | readonly [number | null, ...number[]];
  /** In an int32 field, fractions are cut off. */
  readonly dtype: 'float32' | 'int32';
  /** Exclusive upper limit of an int32 field: a number of classes, or the size of a vocabulary. Default: none. */
  readonly below?: number;
  /** Divisor of the values. 255 scales bytes to [0, 1]. Default 1. */
  readonly divisor?: number;
  /** Padding value. Default 0. */
  readonly padding?: number;
  /**
   * Rows of this field for one of the item's length, where a padded axis has another rate: 0.2 for letters beside frames.
   * Default 1.
   */
  readonly rowsPerLength?: number;
}

/** Batch before conversion to tensors: all fields in one buffer, which can pass between threads. */
export interface HostBatch {
  readonly buffer: ArrayBufferLike;
  readonly fields: readonly HostField[];
}

export interface HostField {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  /** [B, …] */
  readonly shape: readonly number[];
  readonly offsetInBytes: number;
}

/** Allocates a buffer of at least this many bytes. */
export type Allocate = (bytes: number) => ArrayBufferLike;

const BYTES_PER_VALUE = 4;
/** TensorFlow's alignment, required by vector instructions. */
const ALIGNMENT_IN_BYTES = 64;

/**
 * Collates items into a batch.
 * @param padTo maps the length of the longest item to the length of padded axes
 * @throws RangeError naming the item and field where a value does not match its shape, does not fit into int32, or is
 *   not in [0, below)
 */
export function collate(
  items: readonly Readonly<Record<string, unknown>>[],
  specs: readonly (readonly [string, FieldSpec])[],
  padTo: (longest: number) => number,
  allocate: Allocate,
): HostBatch {
  let bytes = 0;
  const fields = specs.map(([name, spec]): HostField => {
    const shape = [items.length, ...batchShape(items, name, spec, padTo)];
    const offsetInBytes = bytes;
    const size = tf.util.sizeFromShape(shape) * BYTES_PER_VALUE;
    bytes += Math.ceil(size / ALIGNMENT_IN_BYTES) * ALIGNMENT_IN_BYTES;
    return { name, dtype: spec.dtype, shape, offsetInBytes };
  });
  const buffer = allocate(bytes);
  for (const [index, field] of fields.entries()) write(items, specs[index]![1], field, fieldValues(buffer, field));
  return { buffer, fields };
}

/** Values of one field, as a view of the batch buffer. */
function fieldValues(buffer: ArrayBufferLike, { dtype, shape, offsetInBytes }: HostField): TensorValues {
  const size = tf.util.sizeFromShape([...shape]);
  return dtype === 'int32'
    ? new Int32Array(buffer, offsetInBytes, size)
    : new Float32Array(buffer, offsetInBytes, size);
}

export type TensorValues = Int32Array | Float32Array;

/** Converts a batch to tensors. Most backends keep its buffer, so do not write to it afterwards. */
export function toTensors(
  { buffer, fields }: HostBatch,
  toTensor: (values: TensorValues, field: HostField) => tf.Tensor = tensorOf,
): Record<string, tf.Tensor> {
  return Object.fromEntries(fields.map((field) => [field.name, toTensor(fieldValues(buffer, field), field)]));
}

export function tensorOf(values: TensorValues, { shape, dtype }: HostField): tf.Tensor {
  return tf.tensor(values, [...shape], dtype);
}

/** Shape of a field in the batch, padded length included. */
function batchShape(
  items: readonly Readonly<Record<string, unknown>>[],
  name: string,
  { shape, rowsPerLength = 1 }: FieldSpec,
  padTo: (longest: number) => number,
): number[] {
  const [first, ...rest] = shape;
  const rowSize = tf.util.sizeFromShape(rest);
  const expected = first === null ? undefined : tf.util.sizeFromShape([...(shape as readonly number[])]);
  let longest = 0;
  for (const [position, item] of items.entries()) {
    const size = sizeOf(item[name]);
    if (size === undefined || (expected === undefined ? size % rowSize !== 0 : size !== expected)) {
      const wanted = expected === undefined ? `a multiple of ${rowSize}` : `${expected}`;
      const found = size === undefined ? `a value of type ${typeof item[name]}` : `${size}`;
      throw new RangeError(
        `row ${position}, field "${name}" of shape [${shape.map((length) => length ?? 'any').join(', ')}]: expected ${wanted} values, got ${found}`,
      );
    }
    longest = Math.max(longest, size / rowSize);
  }
  if (first !== null) return [...(shape as readonly number[])];
  const length = Math.ceil(padTo(longest / rowsPerLength) * rowsPerLength);
  if (longest > length)
    throw new RangeError(`field "${name}": expected at most ${length} rows in an item, got ${longest}`);
  return [length, ...rest];
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return 1;
  return Array.isArray(value) || ArrayBuffer.isView(value) ? (value as Uint8Array).length : undefined;
}

function fits(value: number): boolean {
  return Math.trunc(value) === (value | 0);
}

/** @throws RangeError naming a value that an integer of 32 bits would change by more than its fraction */
function checkIntegers(value: FieldValue, divisor: number, row: number, name: string): void {
  if (value instanceof Int32Array && divisor === 1) return;
  const wrong = typeof value === 'number' ? value : Array.from(value).find((each) => !fits(each / divisor));
  if (wrong !== undefined && !fits(wrong / divisor))
    throw new RangeError(`row ${row}, field "${name}": expected integers of 32 bits, got ${wrong / divisor}`);
}

/** @throws RangeError naming a value that is not in [0, below) */
export function requireBelow(values: Exclude<FieldValue, number>, below: number, place: string): void {
  const wrong = (values as readonly number[]).find((value) => !(value >= 0 && value < below));
  if (wrong !== undefined) throw new RangeError(`${place}: expected integers in [0, ${below}), got ${wrong}`);
}

function write(
  items: readonly Readonly<Record<string, unknown>>[],
  { divisor = 1, padding = 0, below }: FieldSpec,
  { name, shape }: HostField,
  output: TensorValues,
): void {
  const size = tf.util.sizeFromShape(shape.slice(1));
  if (output instanceof Int32Array && !fits(padding))
    throw new RangeError(`field "${name}": expected a padding of 32 bits, got ${padding}`);
  for (const [row, item] of items.entries()) {
    const value = item[name] as FieldValue;
    const first = row * size;
    if (typeof value === 'number') output[first] = value / divisor;
    else if (divisor === 1) output.set(value, first);
    else for (let index = 0; index < value.length; index++) output[first + index] = value[index]! / divisor;
    if (output instanceof Int32Array) checkIntegers(value, divisor, row, name);
    const filled = first + (typeof value === 'number' ? 1 : value.length);
    if (below !== undefined) requireBelow(output.subarray(first, filled), below, `row ${row}, field "${name}"`);
    // The buffer may still hold values of an earlier batch.
    output.fill(padding, filled, first + size);
  }
}
