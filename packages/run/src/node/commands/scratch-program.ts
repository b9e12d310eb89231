import type { z } from 'zod';
import type { ScratchArray } from '../../checkpoint/stored-values.ts';
import type { ConfigDefinition } from '../../config/config.ts';
import type { TrainingListener } from '../../loop/events.ts';
import type { LoadedCheckpoint } from '../run/checkpoint-store.ts';
import type { Study } from '../study/study.ts';
import type { CommandContext, CommandResult, OptionShape, TrainResult } from './program.ts';
import { runProgram } from './run-program.ts';
import { scratchRuntime } from './scratch-runtime.ts';

type ScratchContext<Config, Shape extends OptionShape> = Omit<CommandContext<Config, Shape>, 'backend'>;

export interface ScratchTrainContext<Config, Shape extends OptionShape = OptionShape> extends ScratchContext<
  Config,
  Shape
> {
  /** Run folder, progress and loggers; the training tells them how it goes. */
  readonly listeners: readonly TrainingListener<ScratchArray>[];
  /** With `--resume`, where to go on from: what `onCheckpoint` was given. */
  readonly resume:
    | (LoadedCheckpoint<ScratchArray> & {
        /** The best checkpoint, to end with where no better comes. */
        readonly loadBest?: () => Promise<LoadedCheckpoint<ScratchArray>>;
      })
    | undefined;
}

/** Of the commands that use a trained model. */
export interface ScratchTrainedContext<Config, Shape extends OptionShape = OptionShape> extends ScratchContext<
  Config,
  Shape
> {
  /** The one named; by default the run's best, or its last where none was measured. */
  readonly checkpoint: LoadedCheckpoint<ScratchArray>;
  /** The command's arguments, absolute, where it takes files. */
  readonly files: readonly string[];
}

export interface ScratchTrainCommand<Config, Shape extends OptionShape> {
  readonly description?: string;
  readonly options?: Shape;
  run(context: ScratchTrainContext<Config, Shape>): Promise<TrainResult>;
}

/** A command on a run that was made. */
export interface ScratchTrainedCommand<Config, Shape extends OptionShape> {
  readonly description: string;
  readonly options?: Shape;
  /** What the files are that the command takes as arguments; without it there are none. */
  readonly files?: string;
  run(context: ScratchTrainedContext<Config, Shape>): Promise<CommandResult>;
}

/** The command line of a system that computes with typed arrays of its own. */
export interface ScratchProgram<
  Schema extends z.ZodObject,
  TrainShape extends OptionShape = OptionShape,
  Shapes extends Readonly<Record<string, OptionShape>> = Readonly<Record<string, OptionShape>>,
> {
  /** The package's name without its scope, or one of its networks'; runs are kept under it. */
  readonly system: string;
  readonly description: string;
  /** Of the training's arithmetic. */
  readonly precision: 'float32' | 'float64';
  readonly config: ConfigDefinition<Schema>;
  readonly train: ScratchTrainCommand<z.output<Schema>, TrainShape>;
  readonly commands: { readonly [Name in keyof Shapes]: ScratchTrainedCommand<z.output<Schema>, Shapes[Name]> };
  /** Trainings that are compared, by name: what the command `study` runs. */
  readonly studies?: Readonly<Record<string, Study<z.output<Schema>>>>;
}

/**
 * `runCommandLine` for a system without tensors: its summary says `backend: "scratch"`, and no library of tensors is
 * loaded.
 * @param argv the arguments after the program's name
 * @returns the exit status: 0 done; 1 the run failed; 2 bad arguments or data; 130 interrupted
 */
export async function runScratchCommandLine<
  Schema extends z.ZodObject,
  TrainShape extends OptionShape,
  Shapes extends Readonly<Record<string, OptionShape>>,
>(
  program: ScratchProgram<Schema, TrainShape, Shapes>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<number> {
  return runProgram(program, scratchRuntime(program.precision), argv);
}
