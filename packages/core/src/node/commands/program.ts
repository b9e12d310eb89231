import type { ConfigDefinition, TrainingListener } from '@motley/run';
import type {
  CommandContext,
  CommandResult,
  LoadedCheckpoint,
  OptionShape,
  Study,
  TrainResult,
} from '@motley/run/node';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { ResumePoint, StepCompiler, TrainingSurroundings } from '../../train/fit.ts';

export interface TrainContext<Config, Shape extends OptionShape>
  extends CommandContext<Config, Shape>, TrainingSurroundings {
  /** Run folder, progress and loggers; the trainer tells them how it goes. */
  readonly listeners: readonly TrainingListener<Tensor>[];
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** For `fit`: compiles the step, where the backend can and `--no-compile` was not given. */
  readonly compile: StepCompiler | undefined;
  /** With `--resume`, where to go on from. Freed by the command kit. */
  readonly resume: (ResumePoint & Pick<LoadedCheckpoint<Tensor>, 'step'>) | undefined;
}

/** Of the commands that use a trained model. */
export interface TrainedContext<Config, Shape extends OptionShape> extends CommandContext<Config, Shape> {
  /** The one named; by default the run's best, or its last where none was measured. Freed by the command kit. */
  readonly checkpoint: LoadedCheckpoint<Tensor>;
  /** The command's arguments, absolute, where it takes files. */
  readonly files: readonly string[];
  /** The command's arguments as they were given, where it takes texts. */
  readonly texts: readonly string[];
  /** As in training: compiles a function of tensors, where the backend can and `--no-compile` was not given. */
  readonly compile: StepCompiler | undefined;
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
