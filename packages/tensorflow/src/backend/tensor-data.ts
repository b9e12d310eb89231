import type { BackendValues } from '@tensorflow/tfjs-core';
import { DataType } from '../c-api/types.ts';

/** An asynchronous call that uses a variable. */
interface VariableLock {
  /** Settles when the call has ended. */
  readonly released: Promise<void>;
  readonly isWritten: boolean;
}

/** The data of a tfjs tensor: values that TensorFlow does not have yet, a native tensor, or a resource variable. */
export class TensorData {
  readonly shape: readonly number[];
  /** `TF_DataType` */
  readonly dataType: number;
  /** Number of tfjs tensors that share this. */
  references: number;
  /** Values not yet written to TensorFlow: an operation that needs them writes them. */
  values: BackendValues | null;
  /** The trace that made it; undefined outside a trace. */
  readonly trace: object | undefined;
  /** Address of the `TFE_TensorHandle`, or a trace's symbol; 0 where there is none. */
  handle = 0;
  /** Handle of the resource variable that holds the value; 0 until an update in place needs one. */
  resource = 0;
  /** The asynchronous call that uses the resource; undefined where there is none. */
  lock: VariableLock | undefined;

  constructor(
    shape: readonly number[],
    dataType: number,
    values: BackendValues | null,
    references: number,
    trace?: object,
  ) {
    this.shape = shape;
    this.dataType = dataType;
    this.values = values;
    this.references = references;
    this.trace = trace;
  }

  /** @throws Error where an asynchronous call uses the variable in a way that excludes this use */
  refuseWhileLocked(use: 'read' | 'updated'): void {
    if (this.lock === undefined || (use === 'read' && !this.lock.isWritten)) return;
    const other = this.lock.isWritten ? 'updates' : 'reads';
    throw new Error(
      `a variable [${this.shape}] is ${use} while an asynchronous call ${other} it: await that call first`,
    );
  }
}

const DATA_TYPES: Readonly<Record<string, number>> = {
  float32: DataType.float32,
  int32: DataType.int32,
  bool: DataType.bool,
  complex64: DataType.complex64,
  string: DataType.string,
  int64: DataType.int64,
};

/** The `TF_DataType` of a tfjs dtype. */
export function dataTypeOf(dtype: string): number {
  const dataType = DATA_TYPES[dtype];
  if (dataType === undefined) throw new TypeError(`TensorFlow backend: unknown dtype ${dtype}`);
  return dataType;
}

const DTYPES: Readonly<Record<number, 'float32' | 'int32' | 'bool' | 'complex64' | 'string'>> = {
  [DataType.float32]: 'float32',
  [DataType.int32]: 'int32',
  [DataType.bool]: 'bool',
  [DataType.complex64]: 'complex64',
  [DataType.string]: 'string',
  // tfjs has no type for a resource handle; its kernels pass them on as strings.
  [DataType.resource]: 'string',
  [DataType.variant]: 'string',
};

/** The tfjs dtype of a `TF_DataType`; undefined where tfjs has none. */
export function dtypeOf(dataType: number): 'float32' | 'int32' | 'bool' | 'complex64' | 'string' | undefined {
  return DTYPES[dataType];
}

/** Nearest types: tfjs's only integer is int32, its only real number float32. */
const SUBSTITUTES: Readonly<Record<number, number>> = {
  [DataType.int64]: DataType.int32,
  [DataType.uint8]: DataType.int32,
  [DataType.int8]: DataType.int32,
  [DataType.int16]: DataType.int32,
  [DataType.uint16]: DataType.int32,
  [DataType.uint32]: DataType.int32,
  [DataType.uint64]: DataType.int32,
  [DataType.float64]: DataType.float32,
  [DataType.float16]: DataType.float32,
  [DataType.bfloat16]: DataType.float32,
};

/** The nearest type for a type that tfjs lacks; undefined for a type that it has. */
export function nearestType(dataType: number): number | undefined {
  return SUBSTITUTES[dataType];
}
