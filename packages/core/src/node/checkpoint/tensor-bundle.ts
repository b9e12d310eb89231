import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Budget, BYTES_OF_VALUE, maskedCrc32c, type SafetensorsEntry, shown, sizeOf, UserError } from '@motley/run';
import { type ReadField, readMessage, readUserFile, reasonOf } from '@motley/run/node';
import { readSortedTable } from './sorted-table.ts';
import { VALUE_TYPES, type ValueType, type ValueTypeName } from './values.ts';

/** Element types by the `DataType` number of tensorflow/core/framework/types.proto. String tensors are skipped. */
const TYPES: Readonly<Partial<Record<number, ValueTypeName>>> = {
  1: 'float32',
  2: 'float64',
  3: 'int32',
  4: 'uint8',
  5: 'int16',
  6: 'int8',
  9: 'int64',
  10: 'bool',
  14: 'bfloat16',
  17: 'uint16',
  19: 'float16',
  22: 'uint32',
  23: 'uint64',
};
const TEXT = 7;
const MAX_INDEX_BYTES = 64 * 2 ** 20;
/** Suffix of a variable's key. */
const SUFFIX = '/.ATTRIBUTES/VARIABLE_VALUE';

/** Position of a tensor in the shards (`BundleEntryProto`). */
interface BundleEntry {
  readonly type: number;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  readonly checksum: number;
  readonly isSliced: boolean;
}

/**
 * Reads the variables of a TensorFlow checkpoint (`PREFIX.index`, `PREFIX.data-00000-of-00001`) by object path such as
 * `layers/0`. A SavedModel's prefix is `FOLDER/variables/variables`. Float types become float32.
 * @param isWanted whether to read the variable of this path. Others may have any type. Default: all
 * @throws UserError if a file is missing or damaged, or a wanted tensor has an unsupported type
 */
export async function readTensorBundle(
  prefix: string,
  isWanted: (variable: string) => boolean = () => true,
): Promise<Map<string, SafetensorsEntry>> {
  const path = `${prefix}.index`;
  const index = await readUserFile(path, "the index of TensorFlow's variables", MAX_INDEX_BYTES);
  const { shardCount, tensors } = parseIndex(index, path);
  const shards = new Map<number, Map<string, BundleEntry>>();
  for (const [key, entry] of tensors) {
    const { shard } = entry;
    if (shard >= shardCount) throw new UserError(`${path}: expected ${shardCount} shards, found number ${shard}`);
    const ofShard = shards.get(shard) ?? new Map<string, BundleEntry>();
    shards.set(shard, ofShard.set(key, entry));
  }
  const entries = new Map<string, SafetensorsEntry>();
  for (const [shard, ofShard] of shards) {
    const number = (value: number) => String(value).padStart(5, '0');
    const shardPath = `${prefix}.data-${number(shard)}-of-${number(shardCount)}`;
    const wanted = new Map([...ofShard].filter(([key]) => isWanted(withoutSuffix(key))));
    for (const [key, entry] of await readShard(shardPath, wanted)) {
      const name = withoutSuffix(key);
      if (entries.has(name))
        throw new UserError(`${path}: expected one variable ${shown(name)}, found it with and without ${SUFFIX}`);
      entries.set(name, entry);
    }
  }
  if (tensors.size === 0) throw new UserError(`${path}: expected variables, found none`);
  return entries;
}

/**
 * Reads the variables of a SavedModel's folder.
 * @throws UserError as `readTensorBundle` does
 */
export function readSavedModel(
  folder: string,
  isWanted?: (variable: string) => boolean,
): Promise<Map<string, SafetensorsEntry>> {
  return readTensorBundle(join(folder, 'variables', 'variables'), isWanted);
}

function withoutSuffix(key: string): string {
  return key.endsWith(SUFFIX) ? key.slice(0, -SUFFIX.length) : key;
}

function parseIndex(bytes: Uint8Array, path: string): { shardCount: number; tensors: Map<string, BundleEntry> } {
  try {
    const tensors = new Map<string, BundleEntry>();
    let shardCount = 0;
    const budget = Budget.forHeap(path, "the index of TensorFlow's variables", bytes.length);
    for (const [key, value] of readSortedTable(bytes, budget)) {
      // A field takes at least two bytes.
      budget.hold((BYTES_OF_VALUE.list * value.length) / 2);
      const fields = readMessage(value);
      if (key === '') {
        if (numberOf(fields, 2) !== 0) throw new RangeError('big-endian values');
        shardCount = numberOf(fields, 1);
      } else {
        const entry = parseEntry(fields);
        if (tensors.has(key)) throw new RangeError(`${shown(key)} twice`);
        if (entry.type !== TEXT) tensors.set(key, entry);
      }
    }
    return { shardCount, tensors };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${path}: expected the index of TensorFlow's variables, found ${error.message}`, {
      cause: error,
    });
  }
}

function parseEntry(fields: readonly ReadField[]): BundleEntry {
  const shape = fields.find(({ number }) => number === 2)?.value;
  const sizes = shape instanceof Uint8Array ? readMessage(shape).filter(({ number }) => number === 2) : [];
  return {
    type: numberOf(fields, 1),
    shape: sizes.map(({ value }) => (value instanceof Uint8Array ? numberOf(readMessage(value), 1) : 0)),
    shard: numberOf(fields, 3),
    offset: numberOf(fields, 4),
    size: numberOf(fields, 5),
    checksum: numberOf(fields, 6),
    isSliced: fields.some(({ number }) => number === 7),
  };
}

/**
 * Reads an integer field, 0 if absent.
 * @throws RangeError if the field holds bytes, or an integer beyond 2⁵³
 */
function numberOf(fields: readonly ReadField[], wanted: number): number {
  const value = fields.find(({ number }) => number === wanted)?.value ?? 0;
  if (typeof value !== 'number' || value > Number.MAX_SAFE_INTEGER) throw new RangeError('a field of another kind');
  return value;
}

async function readShard(
  path: string,
  tensors: ReadonlyMap<string, BundleEntry>,
): Promise<[string, SafetensorsEntry][]> {
  try {
    const file = await open(path, 'r');
    try {
      const { size: fileSize } = await file.stat();
      const budget = Budget.forFile(path, 'variables', fileSize);
      const read: [string, SafetensorsEntry][] = [];
      for (const [key, entry] of tensors) {
        const { bytesPerValue, decode } = typeOf(key, entry, path);
        const { offset, size, shape } = entry;
        if (size !== sizeOf(shape) * bytesPerValue || offset + size > fileSize)
          throw new UserError(
            `${path}: expected ${sizeOf(shape) * bytesPerValue} bytes for ${shown(key)}, found ${Math.min(size, Math.max(0, fileSize - offset))}`,
          );
        budget.hold(size);
        const bytes = Buffer.alloc(size);
        await file.read(bytes, 0, size, offset);
        if (maskedCrc32c(bytes) !== entry.checksum)
          throw new UserError(`${path}: expected ${shown(key)} whole, found another checksum`);
        const values = decode(bytes, shape);
        if (values === undefined)
          throw new UserError(`${path}: expected ${shown(key)} to hold integers of 63 bits, found larger ones`);
        read.push([key, values]);
      }
      return read;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: expected the values of TensorFlow's variables, found: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function typeOf(key: string, { type, isSliced }: BundleEntry, path: string): ValueType {
  if (isSliced) throw new UserError(`${path}: expected ${shown(key)} in one piece, found it partitioned`);
  const name = TYPES[type];
  if (name === undefined)
    throw new UserError(
      `${path}: expected ${shown(key)} to hold numbers that core has, found TensorFlow's type ${type}`,
    );
  return VALUE_TYPES[name];
}
