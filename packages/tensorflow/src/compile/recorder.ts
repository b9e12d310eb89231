import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { OperationRunner, TensorMetadata } from '../backend/operation-runner.ts';
import type { TensorData } from '../backend/tensor-data.ts';
import type { Attribute } from '../c-api/attributes.ts';
import type { Graph } from './graph.ts';

/** A function that a loop or a branch calls. */
export interface Called {
  readonly run: (symbolic: Tensor[]) => readonly Tensor[];
  /** True for a loop's body, which hands the tensors that it captures on to its next round. */
  readonly returnsCaptures: boolean;
}

/** Records operations instead of running them. Its handles are negative numbers, symbols of the recorded results. */
export interface Recorder extends OperationRunner {
  describe(handle: number): TensorMetadata;
  constant(shape: readonly number[], dataType: number, values: ArrayLike<unknown>): number;
  /** The symbol for a tensor that was made outside. */
  handleOf(data: TensorData): number;
  /** The symbol for the resource behind a variable, after all assignments so far. */
  resourceOf(variable: Variable): number;
  /** Whether this records `trace`, or a function that is called inside it. */
  isInside(trace: object): boolean;
  /**
   * Records functions that one operation calls. Each gets symbols in place of `tensors`. A tensor from outside that any
   * of them uses becomes a further parameter of all of them.
   *
   * @returns their graphs, and the symbols for the further parameters
   * @throws CompileError where one of them updates a variable
   */
  recordCalled(
    tensors: readonly Tensor[],
    called: readonly Called[],
  ): { readonly graphs: Graph[]; readonly captured: number[] };
  /** Does the same as `run`, for an operation that calls `functions`, by the names of its attributes. */
  runCalling(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    functions: Readonly<Record<string, Graph>>,
  ): number;
}
