import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { TensorMetadata } from '../backend/operation-runner.ts';
import { dtypeOf } from '../backend/tensor-data.ts';
import type { Attribute } from '../c-api/attributes.ts';
import { DataType } from '../c-api/types.ts';
import { booleanAttribute, typeAttribute } from './attributes.ts';

/**
 * Runs operations on native tensors, for types that tfjs lacks (int64, float64). Handles that were not taken are freed
 * when the scope ends.
 */
export class NativeScope {
  readonly #backend: TensorFlowBackend;
  readonly #results = new Map<number, TensorMetadata>();
  /** Handles of constants. Equal scalars may share a counted handle, which is freed once per use. */
  readonly #constants: number[] = [];

  private constructor(backend: TensorFlowBackend) {
    this.#backend = backend;
  }

  static run<T>(backend: TensorFlowBackend, body: (scope: NativeScope) => T): T {
    const scope = new NativeScope(backend);
    try {
      return body(scope);
    } finally {
      for (const handle of [...scope.#results.keys(), ...scope.#constants]) backend.deleteHandle(handle);
    }
  }

  /** The handle of a tfjs tensor, which still owns it. */
  handleOf(tensor: TensorInfo): number {
    return this.#backend.handleOf(this.#backend.dataOf(tensor.dataId));
  }

  constant(shape: readonly number[], dataType: number, values: ArrayLike<number | bigint>): number {
    const handle = this.#backend.createHandle(shape, dataType, values);
    this.#constants.push(handle);
    return handle;
  }

  /** @returns the handles of the results, which the scope owns */
  execute(name: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): number[] {
    const results = this.#backend.executeOnHandles(name, attributes, inputs, outputs);
    for (const result of results) this.#results.set(result.id, result);
    return results.map(({ id }) => id);
  }

  cast(handle: number, from: number, to: number): number {
    if (from === to) return handle;
    const attributes = [typeAttribute('SrcT', from), typeAttribute('DstT', to), booleanAttribute('Truncate', false)];
    return this.execute('Cast', attributes, [handle], 1)[0]!;
  }

  /** Converts an int32 tensor to int64. */
  widen(tensor: TensorInfo): number {
    return this.cast(this.handleOf(tensor), DataType.int32, DataType.int64);
  }

  /** Makes a tfjs tensor of a result, which then owns the handle. int64 becomes int32, float64 becomes float32. */
  take(handle: number): Tensor {
    const metadata = this.#results.get(handle)!;
    const { dtype } = metadata;
    if (dtypeOf(dtype) === undefined) {
      return this.take(this.cast(handle, dtype, dtype === DataType.int64 ? DataType.int32 : DataType.float32));
    }
    this.#results.delete(handle);
    return this.#backend.createOutputTensor(metadata);
  }

  takeAll(handles: readonly number[]): Tensor[] {
    return handles.map((handle) => this.take(handle));
  }
}
