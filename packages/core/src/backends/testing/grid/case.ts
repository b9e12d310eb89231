import type { Draw } from './draw.ts';
import type { GridNumbers, GridTensor } from './tensor.ts';

export type GridInputs = Readonly<Record<string, GridTensor>> | readonly GridTensor[];

/** One call of a kernel. */
export interface KernelCase {
  readonly inputs: GridInputs;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Computes the outputs of a call in plain loops, in float64. */
export type Reference = (
  inputs: Readonly<Record<string, GridNumbers>>,
  attributes: never,
) => GridTensor | readonly GridTensor[];

/** The calls of a kernel that are compared, and what they should give. */
export interface KernelGrid {
  /** A random call. */
  readonly draw: (draw: Draw) => KernelCase;
  /** Calls that are tried whatever is drawn. */
  readonly always?: () => readonly KernelCase[];
  /** Without a reference, plain JavaScript's kernel is the reference. */
  readonly reference?: Reference;
  /** How many times more often than other kernels this one is called: it has many options. Default 1. */
  readonly weight?: number;
  /** Largest difference, relative to the expected value or to 1. Default 2e-5. */
  readonly tolerance?: number;
}

export type KernelGrids = Readonly<Record<string, KernelGrid>>;
