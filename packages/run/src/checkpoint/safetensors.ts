import { UserError, shown } from '../config/errors.ts';
import { parseJson } from '../reading/json.ts';
import { isSizes, sizeOf } from '../reading/shapes.ts';
import type { SafetensorsEntry } from './entry.ts';
import { VALUE_TYPES, type ValueType } from './value-types.ts';

export type { SafetensorsEntry } from './entry.ts';

/** Contents of a file. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Order in which the reference implementation lays out values. */
const BYTES_PER_ELEMENT = { I64: 8, F64: 8, F32: 4, I32: 4, U8: 1, BOOL: 1 } as const;
const DTYPES = Object.keys(BYTES_PER_ELEMENT);
/** Types that files may have, under the format's names. */
const FILE_TYPES: Readonly<Record<string, ValueType>> = {
  F64: {
    bytesPerValue: 8,
    decode: (bytes, shape) => ({ dtype: 'F64', shape, values: new Float64Array(new Uint8Array(bytes).buffer) }),
  },
  F32: VALUE_TYPES.float32,
  F16: VALUE_TYPES.float16,
  BF16: VALUE_TYPES.bfloat16,
  I64: VALUE_TYPES.int64,
  I32: VALUE_TYPES.int32,
  I16: VALUE_TYPES.int16,
  I8: VALUE_TYPES.int8,
  U64: VALUE_TYPES.uint64,
  U32: VALUE_TYPES.uint32,
  U16: VALUE_TYPES.uint16,
  U8: VALUE_TYPES.uint8,
  BOOL: VALUE_TYPES.bool,
};
/** Limit of the reference implementation. */
const MAX_HEADER_LENGTH = 100_000_000;
const METADATA_KEY = '__metadata__';

/**
 * Encodes arrays in the safetensors format (https://github.com/huggingface/safetensors): header length as uint64, JSON
 * header padded to 8 bytes, then the values in little-endian order, widest type first, then by name.
 * @throws Error for an empty or reserved name, or values that do not fill their shape
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      DTYPES.indexOf(a.dtype) - DTYPES.indexOf(b.dtype) || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const header: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [[METADATA_KEY, metadata]];
  let end = 0;
  for (const [name, { dtype, shape, values }] of entries) {
    if (name === '' || name === METADATA_KEY)
      throw new Error(`safetensors: expected a tensor's name, got ${shown(name)}`);
    const size = sizeOf(shape);
    if (values.length !== size) {
      throw new Error(
        `safetensors: ${shown(name)} expected ${size} values for shape ${shown(shape)}, got ${values.length}`,
      );
    }
    const begin = end;
    end += values.byteLength;
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const head = headOf(JSON.stringify(Object.fromEntries(header)));
  const bytes = new Uint8Array(head.length + end);
  bytes.set(head);
  let offset = head.length;
  for (const [, { values }] of entries) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return bytes;
}

/**
 * Replaces the metadata of a safetensors file, without copying values.
 * @param bytes result of `encodeSafetensors`, without metadata
 */
export function withMetadata(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): [Uint8Array, Uint8Array] {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd();
  const rest = header === '{}' ? '}' : `,${header.slice(1)}`;
  return [headOf(`{${JSON.stringify(METADATA_KEY)}:${JSON.stringify(metadata)}${rest}`), bytes.subarray(8 + length)];
}

/** Length of the header, then the header padded to 8 bytes. */
function headOf(header: string): Uint8Array {
  const json = new TextEncoder().encode(header);
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

/**
 * Decodes a safetensors file. The arrays are copies. F16 and BF16 become F32; I8, I16 and U16 become I32; U32 and U64
 * become I64.
 * @param name file name, for messages
 * @param isWanted whether to read the array of this name. Others may have any type. Default: all
 * @throws UserError naming the file, what was expected and what was found
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  name: string,
  isWanted: (array: string) => boolean = () => true,
): SafetensorsFile {
  const fail = (expected: string, found: string): never => {
    throw new UserError(`${name}: expected ${expected}, found ${found}`);
  };
  if (bytes.length < 8) fail('a safetensors file', `${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_LENGTH, bytes.length - 8))) {
    fail(`a safetensors header within the file's ${bytes.length} bytes`, `a header length of ${length.toString()}`);
  }
  const dataStart = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, dataStart), name, fail);
  const data = bytes.subarray(dataStart);

  const entries = new Map<string, ReturnType<typeof readEntry>>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === METADATA_KEY) {
      metadata = readMetadata(value, fail);
      continue;
    }
    const entry = readEntry(key, value, fail);
    if (entry.end > data.length) fail(`${dataStart + entry.end} bytes for ${shown(key)}`, `a file of ${bytes.length}`);
    entries.set(key, entry);
  }
  // Like the reference reader: every byte belongs to exactly one tensor, so the copies are no larger than the file.
  let position = 0;
  for (const [key, { begin, end }] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) fail(`${shown(key)} to begin at byte ${position} of the values`, String(begin));
    position = end;
  }
  if (position !== data.length) fail(`${dataStart + position} bytes`, `a file of ${bytes.length}`);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [key, { begin, end, decode }] of entries)
    if (isWanted(key)) tensors.set(key, decode(data.subarray(begin, end)));
  return { tensors, metadata };
}

type Fail = (expected: string, found: string) => never;

function parseHeader(bytes: Uint8Array, name: string, fail: Fail): object {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('a safetensors header in JSON', 'something else');
  }
  const header = parseJson(text, name, 'a safetensors header');
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    return fail('a safetensors header that is a JSON object', shown(header));
  }
  return header;
}

function readMetadata(value: unknown, fail: Fail): Record<string, string> {
  const isRecord =
    typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string');
  return isRecord ? (value as Record<string, string>) : fail(`${METADATA_KEY} to map names to strings`, shown(value));
}

function readEntry(name: string, value: unknown, fail: Fail) {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (name === '') fail("a tensor's name", 'an empty one');
  const listed = `${shown(name)} to be one of ${Object.keys(FILE_TYPES).join(', ')}`;
  if (typeof dtype !== 'string') return fail(listed, shown(dtype));
  if (!isSizes(shape)) return fail(`${shown(name)} to have a shape of sizes`, shown(shape));
  if (!isSizes(offsets) || offsets.length !== 2) return fail(`${shown(name)} to have two data_offsets`, shown(offsets));
  const [begin, end] = offsets as [number, number];
  const type = Object.hasOwn(FILE_TYPES, dtype) ? FILE_TYPES[dtype] : undefined;
  const byteLength = type === undefined ? Math.max(0, end - begin) : sizeOf(shape) * type.bytesPerValue;
  if (end - begin !== byteLength) {
    fail(`${shown(name)} of ${dtype} ${shown(shape)} to span ${byteLength} bytes`, String(end - begin));
  }
  const decode = (values: Uint8Array): SafetensorsEntry => {
    if (type === undefined) return fail(listed, shown(dtype));
    return type.decode(values, shape) ?? fail(`${shown(name)} to hold integers of 63 bits`, 'larger ones');
  };
  return { begin, end, decode };
}
