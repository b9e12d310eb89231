import { type Budget, BYTES_OF_VALUE, isSizes, type SafetensorsEntry, shown, sizeOf, UserError } from '@motley/run';
import type { PickleRules, PickleValue } from './pickle.ts';
import { PickleGlobal } from './pickle.ts';
import { VALUE_TYPES, type ValueType, type ValueTypeName } from './values.ts';

/** Element type of each PyTorch storage class. */
const STORAGES: Readonly<Record<string, ValueTypeName>> = {
  'torch.FloatStorage': 'float32',
  'torch.DoubleStorage': 'float64',
  'torch.HalfStorage': 'float16',
  'torch.BFloat16Storage': 'bfloat16',
  'torch.LongStorage': 'int64',
  'torch.IntStorage': 'int32',
  'torch.ShortStorage': 'int16',
  'torch.CharStorage': 'int8',
  'torch.ByteStorage': 'uint8',
  'torch.BoolStorage': 'bool',
  'torch.ComplexFloatStorage': 'complex64',
  'torch.ComplexDoubleStorage': 'complex128',
  'torch.QInt8Storage': 'qint8',
  'torch.QUInt8Storage': 'quint8',
  'torch.QInt32Storage': 'qint32',
  // Values of the types below, in bytes.
  'torch.storage.UntypedStorage': 'uint8',
};
/** Dtypes, which optimizer states may mention. They are never called. */
const CONSTANT = /^torch\.(float|double|half|bfloat|int|uint|bool|per_tensor_|per_channel_)\w*$/;
/** Element type of each dtype without a storage class. Every float8 is unreadable. */
const UNTYPED: Readonly<Record<string, ValueTypeName>> = {
  'torch.uint16': 'uint16',
  'torch.uint32': 'uint32',
  'torch.uint64': 'uint64',
};

/** Largest number of axes of a tensor in PyTorch. */
const MAX_RANK = 64;

/** Values in memory. Tensors are views of it. */
export interface TorchStorage {
  readonly key: string;
  readonly type: ValueTypeName;
  /** Number of values that the pickle declares. */
  readonly length: number;
}

/** A strided view of a storage. */
export class TorchTensor {
  readonly storage: TorchStorage;
  readonly type: ValueTypeName;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    storage: TorchStorage,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
    type: ValueTypeName = storage.type,
  ) {
    this.storage = storage;
    this.type = type;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

class StorageReference {
  readonly storage: TorchStorage;

  constructor(storage: TorchStorage) {
    this.storage = storage;
  }
}

/**
 * Rules for a checkpoint's pickle, which may contain tensors and dictionaries of them.
 * @param storages receives every storage by key
 */
export function torchRules(name: string, storages = new Map<string, TorchStorage>()): PickleRules {
  const calls: Readonly<Record<string, (given: readonly PickleValue[], budget: Budget) => PickleValue>> = {
    'collections.OrderedDict': ([items], budget) => dictionaryOf(items, budget, name),
    'torch._utils._rebuild_tensor': (given, budget) => tensorOf(given, budget, name),
    'torch._utils._rebuild_tensor_v2': (given, budget) => tensorOf(given, budget, name),
    'torch._utils._rebuild_tensor_v3': (given, budget) => ofDtype(given, budget, name),
    'torch._utils._rebuild_qtensor': (given, budget) => tensorOf(given, budget, name),
    // Sparse tensors are left out.
    'torch._utils._rebuild_sparse_tensor': () => null,
    'torch.serialization._get_layout': ([layout]) => layout,
    'torch._utils._rebuild_parameter': ([tensor]) => tensor,
    'torch.Size': ([sizes]) => sizes,
    'torch.device': ([device]) => device,
    '_codecs.encode': ([text]) => text,
    '__builtin__.set': ([values]) => values,
    'builtins.set': ([values]) => values,
  };
  return {
    isAllowed: (global) => Object.hasOwn(calls, global) || Object.hasOwn(STORAGES, global) || CONSTANT.test(global),
    call: (global, given, budget) =>
      Object.hasOwn(calls, global) ? (calls[global]!(given, budget) ?? null) : undefined,
    load: (id) => {
      const reference = storageOf(id, name);
      storages.set(reference.storage.key, reference.storage);
      return reference;
    },
  };
}

function dictionaryOf(items: PickleValue, budget: Budget, name: string): Map<PickleValue, PickleValue> {
  const pairs = items ?? [];
  const isPair = (value: PickleValue) => Array.isArray(value) && value.length === 2;
  if (!Array.isArray(pairs) || !pairs.every(isPair))
    throw new UserError(`${name}: expected the pairs of a dictionary, found ${shown(pairs)}`);
  budget.step(pairs.length);
  budget.hold(BYTES_OF_VALUE.map + 2 * BYTES_OF_VALUE.element * pairs.length);
  return new Map(pairs as [PickleValue, PickleValue][]);
}

/** Decodes a persistent id: ('storage', class, key, device, number of values), then None in files before 1.6. */
function storageOf(id: PickleValue, name: string): StorageReference {
  const [kind, type, key, , length] = Array.isArray(id) ? (id as PickleValue[]) : [];
  const isKnown = type instanceof PickleGlobal && Object.hasOwn(STORAGES, type.name);
  const storage = isKnown ? STORAGES[type.name] : undefined;
  if (kind !== 'storage' || storage === undefined || typeof key !== 'string' || !isSizes([length]))
    throw new UserError(`${name}: expected the storage of a tensor, found another reference`);
  return new StorageReference({ key, type: storage, length: length as number });
}

function tensorOf(
  [reference, offset, shape, strides]: readonly PickleValue[],
  budget: Budget,
  name: string,
): TorchTensor {
  if (Array.isArray(shape)) budget.step(shape.length);
  if (Array.isArray(strides)) budget.step(strides.length);
  const isView = isSizes([offset]) && isSizes(shape) && isSizes(strides) && shape.length === strides.length;
  if (!(reference instanceof StorageReference) || !isView)
    throw new UserError(`${name}: expected a tensor as a view of a storage, found something else`);
  if (shape.length > MAX_RANK)
    throw new UserError(`${name}: expected a tensor of at most ${MAX_RANK} axes, found ${shape.length}`);
  const { storage } = reference;
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset as number);
  if (sizeOf(shape) > 0 && last >= storage.length)
    throw new UserError(
      `${name}: expected a tensor ${shown(shape)} within its ${storage.length} values, found one that ends at ${last + 1}`,
    );
  return new TorchTensor(storage, offset as number, shape, strides);
}

/** A view of bytes as values of a dtype: its offset and strides count values. */
function ofDtype(given: readonly PickleValue[], budget: Budget, name: string): TorchTensor {
  const [reference, ...view] = given;
  const dtype = given[6];
  if (!(reference instanceof StorageReference) || !(dtype instanceof PickleGlobal))
    throw new UserError(`${name}: expected a tensor as a view of a storage, found something else`);
  const type = (Object.hasOwn(UNTYPED, dtype.name) ? UNTYPED[dtype.name] : undefined) ?? 'float8';
  const length = Math.floor(reference.storage.length / VALUE_TYPES[type].bytesPerValue);
  const { offset, shape, strides } = tensorOf(
    [new StorageReference({ ...reference.storage, length }), ...view],
    budget,
    name,
  );
  return new TorchTensor(reference.storage, offset, shape, strides, type);
}

/**
 * Values of a tensor in row-major order. Undefined where no type here holds them.
 * @param bytes the bytes of the whole storage
 */
export function valuesOf(
  { type, offset, shape, strides }: TorchTensor,
  bytes: Uint8Array,
): SafetensorsEntry | undefined {
  const { bytesPerValue, decode }: ValueType = VALUE_TYPES[type];
  const count = sizeOf(shape);
  const start = offset * bytesPerValue;
  if (isContiguous(shape, strides)) return decode(bytes.subarray(start, start + count * bytesPerValue), shape);
  const gathered = new Uint8Array(count * bytesPerValue);
  const place = shape.map(() => 0);
  for (let index = 0, from = offset; index < count; index++) {
    for (let byte = 0; byte < bytesPerValue; byte++)
      gathered[index * bytesPerValue + byte] = bytes[from * bytesPerValue + byte]!;
    // The last axis varies fastest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= shape[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return decode(gathered, shape);
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
