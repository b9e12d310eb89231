import type { Command } from 'commander';
import type { StoredValue } from '../../checkpoint/stored-values.ts';
import type { Decode } from '../run/checkpoint-store.ts';
import type { GivenOptions } from './options.ts';

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
export interface Runtime<Value extends StoredValue = StoredValue, Compile = unknown> {
  /** Adds the options that choose where and how. */
  addOptions(command: Command, isTraining: boolean): void;
  /** @throws UserError where what was asked for cannot be had */
  start(given: GivenOptions): Promise<{
    readonly report: ComputeReport;
    /** What compiles training steps, where anything does. */
    readonly compile: Compile;
  }>;
  /** Reads a checkpoint's file. */
  readonly decode: Decode<Value>;
}
