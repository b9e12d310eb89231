import type { Attribute } from '../c-api/attributes.ts';

/** Runs operations at once (TensorFlow) or records them (a tracer). Handles are those of the runner. */
export interface OperationRunner {
  /** @returns the number of results; `output` reads them before the next call */
  run(name: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): number;
  output(index: number): number;
}

/** An operation's result; `id` is the native handle's address. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  dtype: number;
}
