import type { Command } from 'commander';
import type { GivenOptions, RuntimeTypes } from './given-options.ts';

/** Backend and device of a run, as written to its summary. */
export interface ComputeReport {
  readonly backend: string;
  readonly device: string;
  /** Version of TensorFlow. Null for other backends. */
  readonly tensorflow: string | null;
  readonly precision: string;
  /** One line for each backend that was passed over, with the reason. */
  readonly reasons: readonly string[];
}

/** Library that a system computes with: tensors on a backend, or its own arithmetic on typed arrays. */
export interface Runtime<Types extends RuntimeTypes = RuntimeTypes> {
  /** Adds options for the backend and the precision. */
  addOptions(command: Command, isTraining: boolean): void;
  /** @throws UserError where the requested backend is not available */
  start(given: GivenOptions): Promise<{ readonly report: ComputeReport; readonly compile: Types['compile'] }>;
  /** Decodes the weights of a checkpoint file. */
  decode(bytes: Uint8Array, name: string): Types['weights'];
  /** Frees weights. */
  release(weights: Types['weights']): void;
}
