import { type SafetensorsEntry, UserError } from '@motley/run';
import type { PickleRules, PickleValue } from './pickle.ts';
import { PickleGlobal } from './pickle.ts';
import { isSizes, sizeOf, VALUE_TYPES, type ValueType, type ValueTypeName } from './values.ts';

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
  const calls: Readonly<Record<string, (given: readonly PickleValue[]) => PickleValue>> = {
    'collections.OrderedDict': ([items]) => new Map((items ?? []) as [PickleValue, PickleValue][]),
    'torch._utils._rebuild_tensor': (given) => tensorOf(given, name),
    'torch._utils._rebuild_tensor_v2': (given) => tensorOf(given, name),
    'torch._utils._rebuild_tensor_v3': (given) => ofDtype(given, name),
    'torch._utils._rebuild_qtensor': (given) => tensorOf(given, name),
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
    call: (global, given) => (Object.hasOwn(calls, global) ? (calls[global]!(given) ?? null) : undefined),
    load: (id) => {
      const reference = storageOf(id, name);
      storages.set(reference.storage.key, reference.storage);
      return reference;
    },
  };
}

/** Decodes a persistent id: ('storage', class, key, device, number of values), then None in files before 1.6. */
function storageOf(id: PickleValue, name: string): StorageReference {
  const [kind, type, key, , length] = Array.isArray(id) ? (id as PickleValue[]) : [];
  const storage = type instanceof PickleGlobal ? STORAGES[type.name] : undefined;
  if (kind !== 'storage' || storage === undefined || typeof key !== 'string' || !isSizes([length]))
    throw new UserError(`${name}: expected the storage of a tensor, found another reference`);
  return new StorageReference({ key, type: storage, length: length as number });
}

function tensorOf([reference, offset, shape, strides]: readonly PickleValue[], name: string): TorchTensor {
  const isView = isSizes([offset]) && isSizes(shape) && isSizes(strides) && shape.length === strides.length;
  if (!(reference instanceof StorageReference) || !isView)
    throw new UserError(`${name}: expected a tensor as a view of a storage, found something else`);
  const { storage } = reference;
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset as number);
  if (sizeOf(shape) > 0 && last >= storage.length)
    throw new UserError(
      `${name}: expected a tensor [${shape.join(', ')}] within its ${storage.length} values, found one that ends at ${last + 1}`,
    );
  return new TorchTensor(storage, offset as number, shape, strides);
}

/** A view of bytes as values of a dtype: its offset and strides count values. */
function ofDtype(given: readonly PickleValue[], name: string): TorchTensor {
  const [reference, ...view] = given;
  const dtype = given[6];
  if (!(reference instanceof StorageReference) || !(dtype instanceof PickleGlobal))
    throw new UserError(`${name}: expected a tensor as a view of a storage, found something else`);
  const type = UNTYPED[dtype.name] ?? 'float8';
  const length = Math.floor(reference.storage.length / VALUE_TYPES[type].bytesPerValue);
  const { offset, shape, strides } = tensorOf([new StorageReference({ ...reference.storage, length }), ...view], name);
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
