import type { Command } from 'commander';
import type { GivenOptions, RuntimeTypes } from './given-options.ts';

/** Where a run computes, as its summary says it. */
export interface ComputeReport {
  readonly backend: string;
  readonly device: string;
  /** TensorFlow's version; null where something else computes. */
  readonly tensorflow: string | null;
  readonly precision: string;
  /** One line for each candidate that was passed over, saying why. */
  readonly reasons: readonly string[];
}

/** What a system computes with: tensors on a backend, or arithmetic of its own. */
export interface Runtime<Types extends RuntimeTypes = RuntimeTypes> {
  /** Adds the options that choose where and how. */
  addOptions(command: Command, isTraining: boolean): void;
  /** @throws UserError where the backend asked for cannot be had */
  start(given: GivenOptions): Promise<{ readonly report: ComputeReport; readonly compile: Types['compile'] }>;
  /** Reads the weights of a checkpoint's file. */
  decode(bytes: Uint8Array, name: string): Types['weights'];
  /** Frees weights. */
  release(weights: Types['weights']): void;
}
