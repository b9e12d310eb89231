import type { DataType as Dtype } from '@tensorflow/tfjs-core';
import { DataType } from '../c-api/types.ts';
import { dataTypeOf } from './tensor-data.ts';

/** An operand of an operation that is no tensor of tfjs: it lives as long as the operation runs. */
export class Constant {
  readonly shape: readonly number[];
  /** `TF_DataType` */
  readonly dataType: number;
  readonly values: ArrayLike<unknown>;

  constructor(shape: readonly number[], dataType: number, values: ArrayLike<unknown>) {
    this.shape = shape;
    this.dataType = dataType;
    this.values = values;
  }
}

/** An int32 scalar. */
export function integer(value: number): Constant {
  return new Constant([], DataType.int32, [value]);
}

/** An int32 vector. */
export function integers(values: readonly number[]): Constant {
  return new Constant([values.length], DataType.int32, Int32Array.from(values));
}

/** An int32 matrix [rows, columns]. */
export function integerRows(rows: readonly (readonly number[])[], columns = rows[0]?.length ?? 0): Constant {
  return new Constant([rows.length, columns], DataType.int32, Int32Array.from(rows.flat()));
}

/** A scalar of a dtype of tfjs. */
export function scalarOf(value: number | string | boolean | Uint8Array, dtype: Dtype): Constant {
  return new Constant([], dataTypeOf(dtype), dtype === 'complex64' ? [value, 0] : [value]);
}
