import type { CApi } from './declarations.ts';
import { copyMemory } from './memory.ts';
import type { Status } from './status.ts';
import { DataType, dataTypeName, type Pointer } from './types.ts';

/** Values of a tensor in JavaScript: a typed array, or one byte string per element. */
export type Values = TypedValues | Uint8Array[];
type TypedValues =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array;

interface TypedArrayConstructor {
  new (length: number): TypedValues;
  readonly BYTES_PER_ELEMENT: number;
}

/** Array types by `TF_DataType`: complex64 as pairs of float32, float16 and bfloat16 as their bits. */
const ARRAY_TYPES: Readonly<Record<number, TypedArrayConstructor>> = {
  [DataType.float32]: Float32Array,
  [DataType.float64]: Float64Array,
  [DataType.int32]: Int32Array,
  [DataType.uint32]: Uint32Array,
  [DataType.int16]: Int16Array,
  [DataType.uint16]: Uint16Array,
  [DataType.int8]: Int8Array,
  [DataType.uint8]: Uint8Array,
  [DataType.bool]: Uint8Array,
  [DataType.int64]: BigInt64Array,
  [DataType.uint64]: BigUint64Array,
  [DataType.complex64]: Float32Array,
  [DataType.float16]: Uint16Array,
  [DataType.bfloat16]: Uint16Array,
};

const STRING_BYTES = 24; // sizeof(TF_TString)
const INLINE_STRING_BYTES = 22; // longer strings own memory outside the tensor

/** Makes eager tensors from JavaScript values and reads them back. */
export class TensorTransfer {
  readonly #api: CApi;
  readonly #status: Status;
  /** Copies a tensor into one that owns its strings. */
  readonly #deepCopy: (handle: Pointer) => Pointer;

  constructor(api: CApi, status: Status, deepCopy: (handle: Pointer) => Pointer) {
    this.#api = api;
    this.#status = status;
    this.#deepCopy = deepCopy;
  }

  /**
   * @param values elements in row-major order, converted to the tensor's type
   * @returns a handle that the caller owns
   */
  create(shape: readonly number[], dataType: number, values: ArrayLike<unknown>): Pointer {
    if (dataType === DataType.string) return this.#createStrings(shape, values);
    return this.#wrap(this.createTensor(shape, dataType, values));
  }

  /** Does the same as `create`, but makes a `TF_Tensor`; not for strings. */
  createTensor(shape: readonly number[], dataType: number, values: ArrayLike<unknown>): Pointer {
    const expected = product(shape) * (dataType === DataType.complex64 ? 2 : 1);
    const array = toTypedArray(dataType, values);
    if (array.length !== expected) {
      throw new RangeError(
        `a ${dataTypeName(dataType)} tensor [${shape}] takes ${expected} values, got ${array.length}`,
      );
    }
    const tensor = this.#allocate(shape, dataType, array.byteLength);
    copyMemory(this.#api.TF_TensorData(tensor), array, array.byteLength);
    return tensor;
  }

  /** Copies the values of a tensor. */
  read(handle: Pointer): Values {
    const tensor = this.#api.TFE_TensorHandleResolve(handle, this.#status.pointer);
    this.#status.check('reading a tensor');
    return this.#take(handle, tensor);
  }

  /** Does the same as `read`, but waits for the device on a thread of libuv's pool. */
  async readAsync(handle: Pointer, dispose: () => void): Promise<Values> {
    const api = this.#api;
    const status = api.TF_NewStatus();
    try {
      const tensor = await new Promise<Pointer>((resolve, reject) => {
        api.TFE_TensorHandleResolve.async(handle, status, (error, result) => {
          if (error === null) resolve(result);
          else reject(error);
        });
      });
      if (api.TF_GetCode(status) !== 0) throw new Error(`reading a tensor: ${api.TF_Message(status)}`);
      return this.#take(handle, tensor);
    } finally {
      api.TF_DeleteStatus(status);
      dispose();
    }
  }

  #take(handle: Pointer, tensor: Pointer): Values {
    const api = this.#api;
    try {
      const dataType = api.TFE_TensorHandleDataType(handle);
      if (dataType === DataType.string) return this.#readStrings(tensor);
      const bytes = api.TF_TensorByteSize(tensor);
      if (dataType === DataType.resource || dataType === DataType.variant) return [new Uint8Array(0)];
      const TypedArray = ARRAY_TYPES[dataType];
      if (TypedArray === undefined) throw new TypeError(`cannot read a tensor of ${dataTypeName(dataType)}`);
      const values = new TypedArray(bytes / TypedArray.BYTES_PER_ELEMENT);
      copyMemory(values, api.TF_TensorData(tensor), bytes);
      return values;
    } finally {
      api.TF_DeleteTensor(tensor);
    }
  }

  #allocate(shape: readonly number[], dataType: number, bytes: number): Pointer {
    const dimensions = new BigInt64Array(Math.max(1, shape.length));
    shape.forEach((size, axis) => (dimensions[axis] = BigInt(size)));
    const tensor = this.#api.TF_AllocateTensor(dataType, dimensions, shape.length, bytes);
    if (!tensor) throw new RangeError(`no memory for a ${dataTypeName(dataType)} tensor [${shape}] of ${bytes} bytes`);
    return tensor;
  }

  #wrap(tensor: Pointer): Pointer {
    const handle = this.#api.TFE_NewTensorHandle(tensor, this.#status.pointer);
    this.#api.TF_DeleteTensor(tensor);
    this.#status.check('making a tensor');
    return handle;
  }

  /**
   * Makes a tensor of strings. TensorFlow frees long strings only of tensors that it made itself, so they are copied
   * into one.
   */
  #createStrings(shape: readonly number[], values: ArrayLike<unknown>): Pointer {
    const api = this.#api;
    const count = product(shape);
    if (values.length !== count) {
      throw new RangeError(`a string tensor [${shape}] takes ${count} values, got ${values.length}`);
    }
    const strings = Array.from(values, toBytes);
    const tensor = this.#allocate(shape, DataType.string, count * STRING_BYTES);
    const start = Number(api.TF_TensorData(tensor));
    strings.forEach((bytes, index) => {
      api.TF_StringInit(start + index * STRING_BYTES);
      api.TF_StringCopy(start + index * STRING_BYTES, bytes, bytes.length);
    });
    const handle = this.#wrap(tensor);
    if (strings.every((bytes) => bytes.length <= INLINE_STRING_BYTES)) return handle;
    try {
      return this.#deepCopy(handle);
    } finally {
      strings.forEach((_, index) => {
        api.TF_StringDealloc(start + index * STRING_BYTES);
      });
      api.TFE_DeleteTensorHandle(handle);
    }
  }

  #readStrings(tensor: Pointer): Uint8Array[] {
    const api = this.#api;
    const start = Number(api.TF_TensorData(tensor));
    return Array.from({ length: api.TF_TensorElementCount(tensor) }, (_, index) => {
      const string = start + index * STRING_BYTES;
      const bytes = new Uint8Array(api.TF_StringGetSize(string));
      copyMemory(bytes, api.TF_StringGetDataPointer(string), bytes.length);
      return bytes;
    });
  }
}

function toTypedArray(dataType: number, values: ArrayLike<unknown>): TypedValues {
  const TypedArray = ARRAY_TYPES[dataType];
  if (TypedArray === undefined) throw new TypeError(`cannot make a tensor of ${dataTypeName(dataType)}`);
  if (Object.getPrototypeOf(values) === TypedArray.prototype) return values as TypedValues;
  const array = new TypedArray(values.length);
  if (array instanceof BigInt64Array || array instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) array[i] = BigInt(values[i] as number);
  } else {
    for (let i = 0; i < values.length; i++) array[i] = Number(values[i]);
  }
  return array;
}

function toBytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value));
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}
