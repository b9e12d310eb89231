import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import type { TensorTransfer } from '../c-api/tensors.ts';
import { DataType } from '../c-api/types.ts';
import type { Runtime } from '../runtime.ts';
import { SavedModels } from './saved-models.ts';
import type { Binding, OperationRunner, TensorMetadata } from './tfjs-node.ts';

/** The part of the backend that the binding calls. */
interface NativeBackend {
  readonly runtime: Runtime;
  readonly transfer: TensorTransfer;
  readonly operations: OperationRunner;
  readonly nativeTensors: number;
  createHandle(shape: readonly number[], dataType: number, values: ArrayLike<unknown>): number;
  deleteHandle(handle: number): void;
  adopt(handle: number): TensorMetadata;
}

/**
 * Implements the interface of tfjs-node's native add-on for kernels that call it directly. The hot path avoids it. A
 * tensor's id is its native handle's address.
 */
export class NodeBinding implements Binding {
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_STRING = DataType.string;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_ATTR_STRING = AttributeType.string;
  readonly TF_ATTR_INT = AttributeType.int;
  readonly TF_ATTR_FLOAT = AttributeType.float;
  readonly TF_ATTR_BOOL = AttributeType.bool;
  readonly TF_ATTR_TYPE = AttributeType.type;
  readonly TF_ATTR_SHAPE = AttributeType.shape;
  readonly TF_ATTR_RESOURCE = AttributeType.resource;
  readonly #backend: NativeBackend;
  #savedModels: SavedModels | undefined;

  constructor(backend: NativeBackend) {
    this.#backend = backend;
  }

  get TF_Version(): string {
    return this.#backend.runtime.version;
  }

  createTensor(shape: number[], dataType: number, values: ArrayLike<unknown>): number {
    return this.#backend.createHandle(shape, dataType, values);
  }

  deleteTensor(id: number): void {
    this.#backend.deleteHandle(id);
  }

  tensorDataSync(id: number): unknown {
    return this.#backend.transfer.read(id);
  }

  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[] {
    const { operations } = this.#backend;
    const count = operations.run(name, attributes, inputs, outputs);
    const handles = Array.from({ length: count }, (_, index) => operations.output(index));
    return handles.map((handle) => this.#backend.adopt(handle));
  }

  loadSavedModel(folder: string, tags: string): number {
    this.#savedModels ??= new SavedModels(this.#backend.runtime);
    return this.#savedModels.load(folder, tags.split(','));
  }

  deleteSavedModel(id: number): void {
    this.#savedModels?.delete(id);
  }

  runSavedModel(id: number, inputs: readonly number[], inputNames: string, outputNames: string): TensorMetadata[] {
    const handles = this.#savedModels!.run(id, inputs, splitNames(inputNames), splitNames(outputNames));
    return handles.map((handle) => this.#backend.adopt(handle));
  }

  getNumOfSavedModels(): number {
    return this.#savedModels?.count ?? 0;
  }

  getNumOfTensors(): number {
    return this.#backend.nativeTensors;
  }

  isUsingGpuDevice(): boolean {
    return this.#backend.runtime.usesGpu;
  }
}

function splitNames(names: string): string[] {
  return names === '' ? [] : names.split(',');
}
