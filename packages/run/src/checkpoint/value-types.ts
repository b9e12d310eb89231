import type { SafetensorsEntry } from './entry.ts';

/** An element type of a file. A type that Motley lacks becomes the nearest one that holds all its values or digits. */
export interface ValueType {
  readonly bytesPerValue: number;
  /**
   * Decodes little-endian values in file order.
   * @param bytes a whole number of values
   * @returns undefined where no type here holds the values
   */
  readonly decode: (bytes: Uint8Array, shape: readonly number[]) => SafetensorsEntry | undefined;
}

/** A type of which every value can be held. */
interface HeldType extends ValueType {
  readonly decode: (bytes: Uint8Array, shape: readonly number[]) => SafetensorsEntry;
}

type Read = (view: DataView, offset: number) => number;

function toFloat32(bytesPerValue: number, read: Read): HeldType {
  return {
    bytesPerValue,
    decode: (bytes, shape) => ({ dtype: 'F32', shape, values: Float32Array.from(numbers(bytes, bytesPerValue, read)) }),
  };
}

function toInt32(bytesPerValue: number, read: Read): HeldType {
  return {
    bytesPerValue,
    decode: (bytes, shape) => ({ dtype: 'I32', shape, values: Int32Array.from(numbers(bytes, bytesPerValue, read)) }),
  };
}

function* numbers(bytes: Uint8Array, bytesPerValue: number, read: Read): Generator<number, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset < bytes.length; offset += bytesPerValue) yield read(view, offset);
}

const toBits = new DataView(new ArrayBuffer(4));

/** Decodes bfloat16, the upper half of a float32. */
function bfloat16(view: DataView, offset: number): number {
  toBits.setUint32(0, view.getUint16(offset, true) << 16);
  return toBits.getFloat32(0);
}

/** Decodes IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function float16(view: DataView, offset: number): number {
  const bits = view.getUint16(offset, true);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** Copies the bytes to an aligned buffer. */
const copied = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** A type whose size alone is known, so that its values can be skipped. */
const skipped = (bytesPerValue: number): ValueType => ({ bytesPerValue, decode: () => undefined });

export const VALUE_TYPES = {
  float32: {
    bytesPerValue: 4,
    decode: (bytes, shape) => ({ dtype: 'F32', shape, values: new Float32Array(copied(bytes)) }),
  },
  float64: toFloat32(8, (view, offset) => view.getFloat64(offset, true)),
  float16: toFloat32(2, float16),
  bfloat16: toFloat32(2, bfloat16),
  int64: {
    bytesPerValue: 8,
    decode: (bytes, shape) => ({ dtype: 'I64', shape, values: new BigInt64Array(copied(bytes)) }),
  },
  int32: {
    bytesPerValue: 4,
    decode: (bytes, shape) => ({ dtype: 'I32', shape, values: new Int32Array(copied(bytes)) }),
  },
  int16: toInt32(2, (view, offset) => view.getInt16(offset, true)),
  uint64: {
    bytesPerValue: 8,
    decode: (bytes, shape) => {
      const values = new BigInt64Array(copied(bytes));
      return values.every((value) => value >= 0n) ? { dtype: 'I64', shape, values } : undefined;
    },
  },
  uint32: {
    bytesPerValue: 4,
    decode: (bytes, shape) => {
      const values = BigInt64Array.from(new Uint32Array(copied(bytes)), BigInt);
      return { dtype: 'I64', shape, values };
    },
  },
  uint16: toInt32(2, (view, offset) => view.getUint16(offset, true)),
  int8: toInt32(1, (view, offset) => view.getInt8(offset)),
  uint8: {
    bytesPerValue: 1,
    decode: (bytes, shape) => ({ dtype: 'U8', shape, values: new Uint8Array(copied(bytes)) }),
  },
  bool: {
    bytesPerValue: 1,
    decode: (bytes, shape) => ({ dtype: 'BOOL', shape, values: new Uint8Array(copied(bytes)) }),
  },
  complex64: skipped(8),
  complex128: skipped(16),
  float8: skipped(1),
  qint8: skipped(1),
  quint8: skipped(1),
  qint32: skipped(4),
} as const satisfies Readonly<Record<string, ValueType>>;

export type ValueTypeName = keyof typeof VALUE_TYPES;
