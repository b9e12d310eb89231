import * as tf from '@tensorflow/tfjs-core';

/** One value of an item: a number, or numbers row-major. Bytes become float32 as they are batched. */
export type FieldValue =
  number | Uint8Array | Uint8ClampedArray | Int32Array | Uint32Array | Float32Array | Float64Array | readonly number[];

/** How a value of each item becomes one tensor of the batch. */
export interface FieldSpec {
  /** Shape of one item's value, `[]` for a number; a first axis of null differs from item to item and is padded. */
  readonly shape: readonly [] | readonly [number | null, ...number[]];
  readonly dtype: 'float32' | 'int32';
  /** What values are divided by: 255 brings bytes to [0, 1]. Default 1. */
  readonly divisor?: number;
  /** What fills the rest of a shorter item. Default 0. */
  readonly padding?: number;
}

/** A batch before it is tensors: every field in one buffer, so that it crosses threads whole. */
export interface HostBatch {
  readonly buffer: ArrayBufferLike;
  readonly fields: readonly HostField[];
}

export interface HostField {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  /** `[B, …]` */
  readonly shape: readonly number[];
  readonly offsetInBytes: number;
}

/** Gives a buffer of at least that many bytes. */
export type Allocate = (bytes: number) => ArrayBufferLike;

const BYTES_PER_VALUE = 4;
/** TensorFlow's alignment: a buffer of such pieces can be read with vector instructions. */
const ALIGNMENT_IN_BYTES = 64;

/**
 * Items side by side.
 * @param padTo the length of a padded axis, for the longest item's length
 * @throws RangeError naming item and field where a value does not fill its shape
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

/** The values of a field, a view of the batch's buffer. */
function fieldValues(buffer: ArrayBufferLike, { dtype, shape, offsetInBytes }: HostField): TensorValues {
  const size = tf.util.sizeFromShape([...shape]);
  return dtype === 'int32'
    ? new Int32Array(buffer, offsetInBytes, size)
    : new Float32Array(buffer, offsetInBytes, size);
}

export type TensorValues = Int32Array | Float32Array;

/** The batch as tensors; on most backends they keep its memory, which is no longer to be written to. */
export function toTensors(
  { buffer, fields }: HostBatch,
  toTensor: (values: TensorValues, field: HostField) => tf.Tensor = tensorOf,
): Record<string, tf.Tensor> {
  return Object.fromEntries(fields.map((field) => [field.name, toTensor(fieldValues(buffer, field), field)]));
}

export function tensorOf(values: TensorValues, { shape, dtype }: HostField): tf.Tensor {
  return tf.tensor(values, [...shape], dtype);
}

/** The shape of one item in the batch, its padded axis known. */
function batchShape(
  items: readonly Readonly<Record<string, unknown>>[],
  name: string,
  { shape }: FieldSpec,
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
  const length = padTo(longest);
  if (longest > length)
    throw new RangeError(`field "${name}": expected at most ${length} rows in an item, got ${longest}`);
  return [length, ...rest];
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return 1;
  return Array.isArray(value) || ArrayBuffer.isView(value) ? (value as Uint8Array).length : undefined;
}

function write(
  items: readonly Readonly<Record<string, unknown>>[],
  { divisor = 1, padding = 0 }: FieldSpec,
  { name, shape }: HostField,
  output: TensorValues,
): void {
  const size = tf.util.sizeFromShape(shape.slice(1));
  for (const [row, item] of items.entries()) {
    const value = item[name] as FieldValue;
    const first = row * size;
    if (typeof value === 'number') output[first] = value / divisor;
    else if (divisor === 1) output.set(value, first);
    else for (let index = 0; index < value.length; index++) output[first + index] = value[index]! / divisor;
    const filled = first + (typeof value === 'number' ? 1 : value.length);
    // The buffer may have held another batch.
    output.fill(padding, filled, first + size);
  }
}
