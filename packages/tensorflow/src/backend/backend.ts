import {
  type BackendValues,
  engine,
  type DataId,
  type DataType as Dtype,
  KernelBackend,
  type Tensor,
  type TensorInfo,
  type Variable,
} from '@tensorflow/tfjs-core';
import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import { TensorTransfer } from '../c-api/tensors.ts';
import { DataType, dataTypeName } from '../c-api/types.ts';
import { CompileError } from '../compile/compile-error.ts';
import type { Recorder } from '../compile/recorder.ts';
import type { Runtime } from '../runtime.ts';
import { Constant } from './constant.ts';
import { NativeHandles } from './native-handles.ts';
import type { OperationRunner, TensorMetadata } from './operation-runner.ts';
import { ScalarCache } from './scalar-cache.ts';
import { TensorData, dataTypeOf, dtypeOf, nearestType } from './tensor-data.ts';

/** Tensors of at most this size on the CPU are read at once, which is faster than waiting for libuv's pool. */
const INLINE_READ_BYTES = 1 << 16;

type Operand = TensorInfo | Constant;

/**
 * The tfjs backend `tensorflow`, on TensorFlow's C API. A tensor's data id is its `TensorData` itself, so that finding
 * the native handle needs no map.
 */
export class TensorFlowBackend extends KernelBackend {
  readonly runtime: Runtime;
  readonly transfer: TensorTransfer;
  /** Data of tensors that tfjs moved here from another backend, by their data ids. */
  readonly #moved = new WeakMap<object, TensorData>();
  /** Runs operations: TensorFlow, or a tracer while a function is traced. */
  operations: OperationRunner;
  #tracer: Recorder | undefined;
  readonly #scalars: ScalarCache;
  #dataCount = 0;
  readonly #handles: NativeHandles;
  /** Frees the memory of tensors that are collected without having been disposed. */
  readonly #forgotten: FinalizationRegistry<number>;

  constructor(runtime: Runtime) {
    const transfer = new TensorTransfer(runtime.api, runtime.status, (handle) => {
      const type = { name: 'T', type: AttributeType.type, value: DataType.string };
      runtime.executor.run('DeepCopy', [type], [handle], 1);
      return runtime.executor.output(0);
    });
    super();
    this.runtime = runtime;
    this.operations = runtime.executor;
    this.transfer = transfer;
    this.#scalars = new ScalarCache(
      (dataType, value) => Number(transfer.create([], dataType, [value])),
      runtime.api.TFE_DeleteTensorHandle,
    );
    this.#forgotten = new FinalizationRegistry((handle) => {
      this.deleteHandle(handle);
    });
    this.#handles = new NativeHandles(runtime);
  }

  // Running operations

  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Operand[]): Tensor {
    this.#run(name, attributes, inputs, 1);
    return this.takeOutput(this.operations.output(0));
  }

  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Operand[],
    outputs: number,
  ): Tensor[] {
    return this.#results(this.#run(name, attributes, inputs, outputs)).map((handle) => this.takeOutput(handle));
  }

  /** Runs an operation on native handles. @returns its results in their own types; the caller owns their handles */
  executeOnHandles(
    name: string,
    attributes: readonly Attribute[],
    handles: readonly number[],
    outputs: number,
  ): TensorMetadata[] {
    return this.#results(this.operations.run(name, attributes, handles, outputs)).map((handle) => this.adopt(handle));
  }

  #results(count: number): number[] {
    return Array.from({ length: count }, (_, index) => this.operations.output(index));
  }

  #run(name: string, attributes: readonly Attribute[], inputs: readonly Operand[], outputs: number): number {
    const handles = this.getInputTensorIds(inputs);
    try {
      return this.operations.run(name, attributes, handles, outputs);
    } finally {
      inputs.forEach((input, index) => {
        if (input instanceof Constant) this.deleteHandle(handles[index]!);
      });
    }
  }

  /** The native handles of `tensors`. Values that TensorFlow does not have yet are written to it. */
  getInputTensorIds(operands: readonly Operand[]): number[] {
    return operands.map((operand) =>
      operand instanceof Constant
        ? this.createHandle(operand.shape, operand.dataType, operand.values)
        : this.handleOf(this.dataOf(operand.dataId)),
    );
  }

  /** Makes a tfjs tensor of an operation's result, and owns its handle. */
  createOutputTensor(metadata: TensorMetadata): Tensor {
    const data = new TensorData(metadata.shape, metadata.dtype, null, 1, this.#tracer);
    data.handle = metadata.id;
    this.#dataCount++;
    this.#watch(data, data.handle);
    const dtype = dtypeOf(metadata.dtype);
    if (dtype === undefined) throw new TypeError(`tfjs has no dtype for TensorFlow's ${dataTypeName(metadata.dtype)}`);
    return engine().makeTensorFromTensorInfo({ dataId: data, shape: metadata.shape, dtype });
  }

  /**
   * Makes a tfjs tensor of an operation's result and owns its handle. A type that tfjs lacks becomes the nearest that
   * it has.
   */
  takeOutput(handle: number): Tensor {
    const metadata = this.adopt(handle);
    const nearest = nearestType(metadata.dtype);
    return nearest === undefined ? this.createOutputTensor(metadata) : this.#castOutput(metadata, nearest);
  }

  #castOutput(metadata: TensorMetadata, dataType: number): Tensor {
    try {
      const attributes = [
        { name: 'SrcT', type: AttributeType.type, value: metadata.dtype },
        { name: 'DstT', type: AttributeType.type, value: dataType },
        { name: 'Truncate', type: AttributeType.bool, value: false },
      ];
      this.operations.run('Cast', attributes, [metadata.id], 1);
    } finally {
      this.deleteHandle(metadata.id);
    }
    return this.takeOutput(this.operations.output(0));
  }

  /** Counts the handle of an operation's result, and reads its type and shape. */
  adopt(handle: number): TensorMetadata {
    if (this.#tracer !== undefined) return this.#tracer.describe(handle);
    this.#handles.add();
    const { api, status } = this.runtime;
    const rank = api.TFE_TensorHandleNumDims(handle, status.pointer);
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) shape.push(api.TFE_TensorHandleDim(handle, axis, status.pointer));
    status.check('the shape of a tensor');
    return { id: handle, shape, dtype: api.TFE_TensorHandleDataType(handle) };
  }

  /**
   * Places the operations that `body` runs on `device` (`/device:CPU:1`). @throws RangeError where no device has that
   * name
   */
  withDevice<T>(device: string, body: () => T): T {
    return this.runtime.withDevice(device, body);
  }

  /** The full name of the device that a tensor lies on. */
  deviceOf(tensor: TensorInfo): string {
    const { api, status } = this.runtime;
    const name = api.TFE_TensorHandleDeviceName(this.handleOf(this.dataOf(tensor.dataId)), status.pointer);
    status.check('the device of a tensor');
    return name;
  }

  /** Runs `body` with a tracer in the place of TensorFlow, or of the tracer around it. */
  traceWith<T>(tracer: Recorder, body: () => T): T {
    const { operations: outerOperations } = this;
    const outerTracer = this.#tracer;
    this.#tracer = tracer;
    this.operations = tracer;
    try {
      return body();
    } finally {
      this.#tracer = outerTracer;
      this.operations = outerOperations;
    }
  }

  /** True while a function is traced: its operations are recorded, not run. */
  get isTracing(): boolean {
    return this.#tracer !== undefined;
  }

  /** The recorder of the function that is traced; undefined outside a trace. */
  get currentTracer(): Recorder | undefined {
    return this.#tracer;
  }

  // Handles

  createHandle(shape: readonly number[], dataType: number, values: ArrayLike<unknown>): number {
    if (this.#tracer !== undefined) return this.#tracer.constant(shape, dataType, values);
    this.#handles.add();
    if (shape.length === 0 && values.length === 1 && ScalarCache.holds(dataType)) {
      const { api, status } = this.runtime;
      const cached = this.#scalars.get(dataType, Number(values[0]));
      const shared = Number(api.TFE_TensorHandleCopySharingTensor(cached, status.pointer));
      status.check('making a scalar');
      return shared;
    }
    return Number(this.transfer.create(shape, dataType, values));
  }

  deleteHandle(handle: number): void {
    if (handle < 0) return; // a trace's symbol
    this.#handles.free(handle);
  }

  /**
   * Closes TensorFlow's context and ends its threads, once the last tensor and the last compiled function are freed.
   * tfjs calls it when the backend is removed.
   */
  override dispose(): void {
    this.#scalars.clear();
    this.#handles.closeWhenUnused(this);
  }

  #watch(data: TensorData, handle: number): void {
    if (handle > 0) this.#forgotten.register(data, handle, data);
  }

  /** The native handle of a tensor's data. Where there is none yet, it is made, or read from its variable. */
  handleOf(data: TensorData): number {
    if (data.trace !== this.#tracer) {
      if (data.trace !== undefined && this.#tracer?.isInside(data.trace) !== true)
        throw new CompileError('a tensor made inside a compiled function is used outside it');
      return this.#tracer!.handleOf(data);
    }
    if (data.handle !== 0) return data.handle;
    if (data.references <= 0) throw new Error('the tensor was disposed');
    if (data.resource !== 0) {
      data.refuseWhileLocked('read');
      const type = { name: 'dtype', type: AttributeType.type, value: data.dataType };
      this.operations.run('ReadVariableOp', [type], [data.resource], 1);
      data.handle = this.operations.output(0);
      this.#handles.add();
    } else {
      data.handle = this.createHandle(data.shape, data.dataType, data.values!);
      data.values = null;
    }
    this.#watch(data, data.handle);
    return data.handle;
  }

  /** The data of a tensor; tfjs first moves it here from another backend. */
  dataOf(dataId: DataId): TensorData {
    if (dataId instanceof TensorData) return dataId;
    let data = this.#moved.get(dataId);
    if (data === undefined) {
      engine().moveData(this, dataId);
      data = this.#moved.get(dataId)!;
    }
    return data;
  }

  /**
   * The resource variable that holds a variable's value, to be updated in place. The value moves there at the first
   * call; if other tensors share it, it is copied first.
   *
   * @returns the handle of the resource
   */
  writableResourceOf(variable: Variable): number {
    if (this.#tracer !== undefined) return this.#tracer.resourceOf(variable);
    this.dataOf(variable.dataId).refuseWhileLocked('updated');
    if (this.dataOf(variable.dataId).references > 1) {
      const copy = this.copy(variable);
      variable.assign(copy);
      copy.dispose();
    }
    const data = this.dataOf(variable.dataId);
    const resource = this.readableResourceOf(data);
    this.#dropRead(data);
    return resource;
  }

  /** The resource variable that holds a variable's value, to be read. */
  readableResourceOf(data: TensorData): number {
    const { executor } = this.runtime;
    data.refuseWhileLocked('read');
    if (data.resource === 0) {
      const value = this.handleOf(data);
      const type = { name: 'dtype', type: AttributeType.type, value: data.dataType };
      const attributes = [
        type,
        { name: 'shape', type: AttributeType.shape, value: data.shape },
        { name: 'shared_name', type: AttributeType.string, value: ANONYMOUS_NAME },
      ];
      executor.run('VarHandleOp', attributes, [], 1);
      data.resource = executor.output(0);
      this.#handles.add();
      this.#watch(data, data.resource);
      executor.run('AssignVariableOp', [type], [data.resource, value], 0);
    }
    return data.resource;
  }

  /** A tensor of the same value that shares no memory with it. */
  copy(tensor: TensorInfo): Tensor {
    const type = { name: 'T', type: AttributeType.type, value: this.dataOf(tensor.dataId).dataType };
    return this.executeSingleOutput('DeepCopy', [type], [tensor]);
  }

  /** Forgets the last value read from a variable, so that an update finds its memory unshared. */
  #dropRead(data: TensorData): void {
    if (data.handle === 0) return;
    this.deleteHandle(data.handle);
    data.handle = 0;
    this.#forgotten.unregister(data);
    this.#watch(data, data.resource);
  }

  // tfjs's KernelBackend

  override floatPrecision(): 32 {
    return 32;
  }

  override time(query: () => void): Promise<{ kernelMs: number }> {
    const start = performance.now();
    query();
    return Promise.resolve({ kernelMs: performance.now() - start });
  }

  override write(values: BackendValues, shape: number[], dtype: Dtype): DataId {
    this.#dataCount++;
    return new TensorData(shape, dataTypeOf(dtype), values, 1, this.#tracer);
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: Dtype, references: number): void {
    this.#dataCount++;
    this.#moved.set(dataId, new TensorData(shape, dataTypeOf(dtype), values, references));
  }

  override readSync(dataId: DataId): BackendValues {
    const data = this.dataOf(dataId);
    if (data.values === null) this.#refuseToReadInTrace();
    return data.values ?? (this.transfer.read(this.handleOf(data)) as BackendValues);
  }

  /** Large tensors, and those of a GPU, are waited for on another thread. */
  override async read(dataId: DataId): Promise<BackendValues> {
    const data = this.dataOf(dataId);
    if (data.values !== null) return data.values;
    this.#refuseToReadInTrace();
    const bytes = data.shape.reduce((product, size) => product * size, 4);
    if (!this.runtime.usesGpu && bytes <= INLINE_READ_BYTES) return this.readSync(dataId);
    const { api, status } = this.runtime;
    const shared = Number(api.TFE_TensorHandleCopySharingTensor(this.handleOf(data), status.pointer));
    status.check('reading a tensor');
    this.#handles.add();
    const values = await this.transfer.readAsync(shared, () => {
      this.deleteHandle(shared);
    });
    return values as BackendValues;
  }

  #refuseToReadInTrace(): void {
    if (this.#tracer === undefined) return;
    throw new CompileError(
      'a tensor is read inside a compiled function: return it and read it outside, or compute with it as a tensor',
    );
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const data = dataId instanceof TensorData ? dataId : this.#moved.get(dataId);
    if (data === undefined || data.references <= 0) return true;
    data.references--;
    if (!force && data.references > 0) return false;
    data.references = 0;
    data.values = null;
    this.#dataCount--;
    this.#moved.delete(dataId);
    if (data.handle !== 0 || data.resource !== 0) this.#forgotten.unregister(data);
    if (data.handle !== 0) this.deleteHandle(data.handle);
    if (data.resource !== 0) this.deleteHandle(data.resource);
    data.handle = 0;
    data.resource = 0;
    return true;
  }

  override refCount(dataId: DataId): number {
    const data = dataId instanceof TensorData ? dataId : this.#moved.get(dataId);
    return data?.references ?? 0;
  }

  override incRef(dataId: DataId): void {
    this.dataOf(dataId).references++;
  }

  override numDataIds(): number {
    return this.#dataCount;
  }

  /** @returns with `numNativeTensors`, the number of native tensors alive, whoever holds them */
  override memory(): { unreliable: boolean; numNativeTensors: number } {
    return { unreliable: false, numNativeTensors: this.#handles.count };
  }

  get nativeTensors(): number {
    return this.#handles.count;
  }
}

/** The shared name that makes a variable live exactly as long as its handles (`ResourceHandle::ANONYMOUS_NAME`). */
const ANONYMOUS_NAME = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';
