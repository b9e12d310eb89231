import { createRequire } from 'node:module';
import type { DataType as TfjsDataType, KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Attribute } from '../c-api/attributes.ts';

/** Loads modules of `@tensorflow/tfjs-node-gpu` one by one: the package's own entry would load its native add-on. */
const require = createRequire(import.meta.url);

/** An operation's result as tfjs-node's binding describes it; `id` is the native handle's address. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  dtype: number;
}

/** Runs operations at once (TensorFlow) or records them (a tracer). Handles are those of the runner. */
export interface OperationRunner {
  /** @returns the number of results; `output` reads them before the next call */
  run(name: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): number;
  output(index: number): number;
}

/** The native interface that tfjs-node's kernels and backend call. */
export interface Binding {
  readonly TF_Version: string;
  createTensor(shape: number[], dataType: number, values: ArrayLike<unknown>): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): unknown;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: readonly number[], inputNames: string, outputNames: string): TensorMetadata[];
  getNumOfSavedModels(): number;
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
  /** `TF_DataType` values and kinds of attribute, which the kernels look up by name. */
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_COMPLEX64: number;
  readonly TF_STRING: number;
  readonly TF_RESOURCE: number;
  readonly TF_UINT8: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_RESOURCE: number;
}

/** tfjs-node's backend class, with the methods that Motley replaces or calls made visible. */
interface NodeKernelBackend extends KernelBackend {
  binding: Binding;
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly TensorInfo[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): Tensor[];
  createOutputTensor(metadata: TensorMetadata): Tensor;
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  getDTypeInteger(dtype: TfjsDataType): number;
  applyActivation(input: Tensor, activation?: string, preluWeights?: Tensor, leakyReluAlpha?: number): Tensor;
}

interface BackendModule {
  NodeJSKernelBackend: new (binding: Pick<Binding, 'isUsingGpuDevice'>, packageName: string) => NodeKernelBackend;
}

/** An int64 scalar as tfjs-node's kernels pass it. */
export interface Int64Scalar extends TensorInfo {
  readonly valueArray: Int32Array;
}

interface Int64Module {
  Int64Scalar: new (value: number) => Int64Scalar;
}

const ROOT = '@tensorflow/tfjs-node-gpu/dist';

/**
 * Restores a function that Node 23 removed and tfjs-node still calls (tensorflow/tfjs #8425), and silences the warning
 * of another.
 */
function restoreRemovedUtilities(): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

restoreRemovedUtilities();
export const { NodeJSKernelBackend } = require(`${ROOT}/nodejs_kernel_backend`) as BackendModule;
export const { Int64Scalar } = require(`${ROOT}/int64_tensors`) as Int64Module;

/** Registers tfjs-node's kernels, which run on the backend named `tensorflow`. */
export function registerStockKernels(): void {
  require(`${ROOT}/register_all_kernels`);
}

/** Loads a module of tfjs-node: `tf.node` (image codecs, SavedModels, TensorBoard) or its file system handlers. */
export function requireNodeModule(name: 'node' | 'io/file_system' | 'io/index'): unknown {
  return require(`${ROOT}/${name}`) as unknown;
}
