import type { z } from 'zod';

/** A command's own options: zod leaves with `.default()` and `.describe()`, as in a configuration. */
export type OptionShape = Readonly<Record<string, z.ZodType>>;

/** Option shapes of commands by name. */
export type OptionShapes = Readonly<Record<string, OptionShape>>;

export type OptionsOf<Shape extends OptionShape> = { readonly [Name in keyof Shape]: z.output<Shape[Name]> };

/** Types that a runtime fixes: how weights are read, and what compiles a step. */
export interface RuntimeTypes {
  readonly weights: unknown;
  readonly compile: unknown;
}

/** The usual flags, each short for `--set` of a field under `training`, offered where the system has it. */
export const USUAL_FLAGS = [
  { flag: '--epochs', name: 'epochs', isForTraining: true },
  { flag: '--steps', name: 'steps', isForTraining: true },
  { flag: '--batch-size', name: 'batchSize', isForTraining: false },
  { flag: '--learning-rate', name: 'learningRate', isForTraining: true },
  { flag: '--seed', name: 'seed', isForTraining: false },
] as const;
type UsualName = (typeof USUAL_FLAGS)[number]['name'];

/** Options of every command as they were given. */
export interface GivenOptions extends Readonly<Partial<Record<UsualName, string>>> {
  readonly preset?: string;
  readonly config?: string;
  readonly set?: readonly string[];
  readonly fast?: boolean;
  readonly out?: string;
  readonly run?: string;
  readonly resume?: string | true;
  readonly checkpoint?: string;
  readonly overfitOneBatch?: boolean;
  readonly backend?: string;
  readonly compile?: boolean;
  readonly precision?: string;
  readonly data?: string;
  readonly log?: string;
  readonly json?: boolean;
}

/** A command's own options as they were given: a text, true for a flag, or undefined. */
export type GivenValues = (name: string) => string | true | undefined;
