import type { z } from 'zod';
import type { ConfigDefinition } from '../../config/config.ts';
import type { TrainingListener } from '../../train/events.ts';
import type { ResumePoint, StepCompiler, TrainingSurroundings } from '../../train/fit.ts';
import type { BackendReport } from '../backend.ts';
import type { LoadedCheckpoint } from '../run/checkpoint-store.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { MetricTable } from '../run/summary.ts';
import type { AnyStudy, Study } from '../study/study.ts';

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
  readonly backend: BackendReport;
  /** `--data`, absolute. */
  readonly dataPath: string | undefined;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Prints a line for the reader: standard output, or standard error with `--json`. */
  readonly print: (line: string) => void;
  /** Writes text to where `print` does, with no line's end: for what is to be read as it comes. */
  readonly write: (text: string) => void;
}

export interface TrainContext<Config, Shape extends OptionShape>
  extends CommandContext<Config, Shape>, TrainingSurroundings {
  /** Run folder, progress and loggers; the trainer tells them how it goes. */
  readonly listeners: readonly TrainingListener[];
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** For `fit`: compiles the step, where the backend can and `--no-compile` was not given. */
  readonly compile: StepCompiler | undefined;
  /** With `--resume`, where to go on from. Freed by the command kit. */
  readonly resume: (ResumePoint & Pick<LoadedCheckpoint, 'step'>) | undefined;
}

/** Of the commands that use a trained model. */
export interface TrainedContext<Config, Shape extends OptionShape> extends CommandContext<Config, Shape> {
  /** The one named; by default the run's best, or its last where none was measured. Freed by the command kit. */
  readonly checkpoint: LoadedCheckpoint;
  /** The command's arguments, absolute, where it takes files. */
  readonly files: readonly string[];
  /** The command's arguments as they were given, where it takes texts. */
  readonly texts: readonly string[];
  /** As in training: compiles a function of tensors, where the backend can and `--no-compile` was not given. */
  readonly compile: StepCompiler | undefined;
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

/** The command that makes a run. */
export interface TrainCommand<Config, Shape extends OptionShape> {
  readonly description?: string;
  readonly options?: Shape;
  run(context: TrainContext<Config, Shape>): Promise<TrainResult>;
}

/** A command on a run that was made. */
export interface TrainedCommand<Config, Shape extends OptionShape = OptionShape> {
  readonly description: string;
  readonly options?: Shape;
  /** What the files are that the command takes as arguments; without it there are none. */
  readonly files?: string;
  /** What the texts are that the command takes as arguments, instead of files. */
  readonly texts?: string;
  run(context: TrainedContext<Config, Shape>): Promise<CommandResult>;
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

/** A system's command line. */
export interface Program<
  Schema extends z.ZodObject,
  TrainShape extends OptionShape = OptionShape,
  Shapes extends Readonly<Record<string, OptionShape>> = Readonly<Record<string, OptionShape>>,
> {
  /** The package's name without its scope; runs are kept under it. */
  readonly system: string;
  readonly description: string;
  readonly config: ConfigDefinition<Schema>;
  readonly train: TrainCommand<z.output<Schema>, TrainShape>;
  readonly commands: { readonly [Name in keyof Shapes]: TrainedCommand<z.output<Schema>, Shapes[Name]> };
  /** Trainings that are compared, by name: what the command `study` runs. */
  readonly studies?: Readonly<Record<string, Study<z.output<Schema>>>>;
}
