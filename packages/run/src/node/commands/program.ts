import type { z } from 'zod';
import type { ConfigDefinition } from '../../config/config.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { MetricTable } from '../run/summary.ts';
import type { AnyStudy } from '../study/study.ts';
import type { ComputeReport } from './runtime.ts';

/** A command's own options: zod leaves with `.default()` and `.describe()`, as in a configuration. */
export type OptionShape = Readonly<Record<string, z.ZodType>>;

type OptionsOf<Shape extends OptionShape> = { readonly [Name in keyof Shape]: z.output<Shape[Name]> };

/** What every command is given. */
export interface CommandContext<Config, Shape extends OptionShape> {
  /** The whole resolved record. */
  readonly config: Config;
  /** The command's own options. */
  readonly options: OptionsOf<Shape>;
  /** Where the run's files are and the command's go. */
  readonly folder: RunFolder;
  readonly backend: ComputeReport;
  /** `--data`, absolute. */
  readonly dataPath: string | undefined;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Prints a line for the reader: standard output, or standard error with `--json`. */
  readonly print: (line: string) => void;
  /** Writes text to where `print` does, with no line's end: for what is to be read as it comes. */
  readonly write: (text: string) => void;
}

/** What a command found out; a summary's fields. */
export interface CommandResult {
  /** Trained values. */
  readonly parameters?: number;
  readonly samplesPerSecond?: number;
  readonly metrics?: MetricTable;
  readonly baselines?: MetricTable;
}

export interface TrainResult extends CommandResult {
  /** `stopped` where the signal ended it, after a checkpoint. */
  readonly status: 'completed' | 'stopped';
  readonly epochs: number;
  readonly steps: number;
  /** What ran the compiled step; absent where it was not compiled. */
  readonly engine?: string | undefined;
}

/** Whichever of the two: what runs it gives it its context. */
export interface AnyCommand {
  readonly description?: string;
  readonly options?: OptionShape;
  readonly files?: string;
  readonly texts?: string;
  run(context: unknown): Promise<CommandResult & Partial<TrainResult>>;
}

/** A system's command line, whatever computes. */
export interface AnyProgram {
  readonly system: string;
  readonly description: string;
  readonly config: ConfigDefinition;
  readonly train: AnyCommand;
  readonly commands: Readonly<Record<string, AnyCommand>>;
  readonly studies?: Readonly<Record<string, AnyStudy>>;
}
