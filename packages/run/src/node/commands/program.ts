import type { z } from 'zod';
import type { ConfigDefinition } from '../../config/config.ts';
import type { MetricRecord, TrainingListener } from '../../loop/events.ts';
import type { ResumePoint, TrainingResult } from '../../loop/run-training.ts';
import type { Figure } from '../figures/figure.ts';
import type { LearningCurveOptions } from '../figures/learning-curves.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { MetricTable } from '../run/summary.ts';
import type { AnyStudy, Study } from '../study/study.ts';
import type { OptionShape, OptionShapes, OptionsOf, RuntimeTypes } from './given-options.ts';
import type { ComputeReport } from './runtime.ts';

/** A network that can be used: all that commands know of one. */
export interface TrainedModel {
  parameterCount(): number;
  /** Switches to evaluation mode. */
  eval?(): unknown;
  dispose?(): void;
}

/** Context of every command. */
export interface CommandContext<
  Config,
  Types extends RuntimeTypes = RuntimeTypes,
  Shape extends OptionShape = OptionShape,
> {
  /** Resolved configuration. */
  readonly config: Config;
  /** Options that the command defines. */
  readonly options: OptionsOf<Shape>;
  /** Folder for the files of the run and of the command. */
  readonly folder: RunFolder;
  /** Absolute path of the run: another than the folder's with `--out`. */
  readonly runPath: string;
  readonly backend: ComputeReport;
  /**
   * Absolute path of the data: given by `--data`, or that of the run's training. Undefined where the data come from the
   * configuration.
   */
  readonly dataPath: string | undefined;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Compiler of steps, where the backend has one and `--no-compile` was not given. */
  readonly compile: Types['compile'];
  /** Prints a line for the user: on standard output, or with `--json` on standard error. */
  readonly print: (line: string) => void;
  /** Writes text like `print`, without a line end: for text shown as it is generated. */
  readonly write: (text: string) => void;
}

/** Request for the data of a run. */
export interface DataRequest<Config, Types extends RuntimeTypes> extends Pick<
  CommandContext<Config, Types>,
  'config' | 'dataPath' | 'signal'
> {
  /** Weights of the checkpoint in use, which may hold a vocabulary. Undefined in a new training. */
  readonly weights: Types['weights'] | undefined;
  /** Whether the data are trained on: a vocabulary is then learned from them, in a resumed training too. */
  readonly isTraining: boolean;
}

/** Request for the model of a checkpoint. */
export interface ModelRequest<Config, Types extends RuntimeTypes, Data> {
  readonly config: Config;
  readonly weights: Types['weights'];
  /** Undefined where the command needs no data. */
  readonly data: Data | undefined;
}

/** Context of `train`. */
export interface TrainContext<
  Config,
  Types extends RuntimeTypes,
  Data,
  Shape extends OptionShape = OptionShape,
> extends CommandContext<Config, Types, Shape> {
  readonly data: Data;
  /** Listeners of the run folder, the loggers and the progress display. */
  readonly listeners: readonly TrainingListener[];
  /** Checkpoint to resume from, with `--resume`. */
  readonly resume: ResumePoint | undefined;
}

/** Context of the figures. */
export interface FigureContext<Config, Types extends RuntimeTypes, Data, Model> extends Omit<
  CommandContext<Config, Types>,
  'options'
> {
  readonly data: Data;
  readonly model: Model;
  /** Step of the model's weights. */
  readonly step: number;
  /** Lines of `metrics.jsonl`. */
  readonly records: readonly MetricRecord[];
  readonly baselines: MetricTable;
}

/** Context of a command that uses a trained model but no data. */
interface ModelContext<
  Config,
  Types extends RuntimeTypes,
  Model,
  Shape extends OptionShape = OptionShape,
> extends CommandContext<Config, Types, Shape> {
  /** Model of the checkpoint in evaluation mode. The command kit disposes of it. */
  readonly model: Model;
  /** Weights of the checkpoint, valid while the command runs. */
  readonly weights: Types['weights'];
  /** Step of the checkpoint. */
  readonly step: number;
  /** Arguments as absolute paths, where the command takes files. */
  readonly files: readonly string[];
  /** Arguments as given, where the command takes texts. */
  readonly texts: readonly string[];
}

/** Context of a command that uses a trained model and its data. */
export interface TrainedContext<
  Config,
  Types extends RuntimeTypes,
  Data,
  Model,
  Shape extends OptionShape = OptionShape,
> extends ModelContext<Config, Types, Model, Shape> {
  readonly data: Data;
}

/** Results of a command, written to its summary. */
export interface CommandResult {
  readonly metrics?: MetricTable;
  readonly baselines?: MetricTable;
  /** Figures to write, by kebab-case name. */
  readonly figures?: Readonly<Record<string, Figure>>;
}

/** Result of `train`. */
export interface TrainOutcome<Model extends TrainedModel> extends CommandResult {
  readonly model: Model;
  readonly result: TrainingResult;
}

interface CommandTexts<Shape extends OptionShape> {
  /** Default for `evaluate` and `train`: a description that fits every system. */
  readonly description?: string;
  readonly options?: Shape;
  /** Description of the files that the command takes as arguments. Default: it takes none. */
  readonly files?: string;
  /** Description of the texts that the command takes as arguments, instead of files. */
  readonly texts?: string;
}

type Result = CommandResult | undefined;

/** Command that uses a trained model and its data. */
export interface DataCommand<
  Config,
  Types extends RuntimeTypes,
  Data,
  Model,
  Shape extends OptionShape = OptionShape,
> extends CommandTexts<Shape> {
  run(context: TrainedContext<Config, Types, Data, Model, Shape>): Promise<Result> | Result;
}

/** Command that uses a trained model alone. It loads no data and has no `--data`. */
export interface ModelCommand<
  Config,
  Types extends RuntimeTypes,
  Model,
  Shape extends OptionShape = OptionShape,
> extends CommandTexts<Shape> {
  run(context: ModelContext<Config, Types, Model, Shape>): Promise<Result> | Result;
}

/** Context of a command that uses neither a run nor data. */
export interface PlainContext<Shape extends OptionShape = OptionShape> extends Pick<
  CommandContext<unknown, RuntimeTypes, Shape>,
  'options' | 'signal' | 'print' | 'write'
> {
  /** Arguments as absolute paths, where the command takes files. */
  readonly files: readonly string[];
  /** Arguments as given, where the command takes texts. */
  readonly texts: readonly string[];
}

/** Command that uses neither a run nor data, such as one that fetches data or shows the generator's. */
export interface PlainCommand<Shape extends OptionShape = OptionShape> extends CommandTexts<Shape> {
  readonly description: string;
  run(context: PlainContext<Shape>): Promise<void> | void;
}

/**
 * Command line of a system. The commands `train`, `evaluate`, `figures`, `sweep` and `study` are built from its parts.
 */
export interface Program<
  Schema extends z.ZodObject,
  Types extends RuntimeTypes,
  Data,
  Model extends TrainedModel,
  TrainShape extends OptionShape = OptionShape,
  Shapes extends OptionShapes = OptionShapes,
  ModelShapes extends OptionShapes = OptionShapes,
> {
  /** Package name without its scope. Runs are stored under it. */
  readonly system: string;
  readonly description: string;
  readonly config: ConfigDefinition<Schema>;
  /** Loads the data of a run. */
  load(request: DataRequest<z.output<Schema>, Types>): Promise<Data> | Data;
  /** Builds the model of a checkpoint. */
  restore(request: ModelRequest<z.output<Schema>, Types, Data>): Promise<Model> | Model;
  /** Metrics of reference predictors, measured like the model. */
  baselines?(data: Data, config: z.output<Schema>): Promise<MetricTable> | MetricTable;
  /** Figures of a trained model by kebab-case name, besides the learning curve. */
  figures?(
    context: FigureContext<z.output<Schema>, Types, Data, Model>,
  ): Promise<Readonly<Record<string, Figure>>> | Readonly<Record<string, Figure>>;
  readonly learningCurve?: LearningCurveOptions;
  readonly train: {
    readonly description?: string;
    readonly options?: TrainShape;
    run(context: TrainContext<z.output<Schema>, Types, Data, TrainShape>): Promise<TrainOutcome<Model>>;
  };
  /** Commands that use a trained model and its data: functions, or objects with description and options. */
  readonly commands?: {
    readonly [Name in keyof Shapes]:
      | DataCommand<z.output<Schema>, Types, Data, Model, Shapes[Name]>['run']
      | DataCommand<z.output<Schema>, Types, Data, Model, Shapes[Name]>;
  };
  /** Commands that use a trained model alone. */
  readonly modelCommands?: {
    readonly [Name in keyof ModelShapes]: ModelCommand<z.output<Schema>, Types, Model, ModelShapes[Name]>;
  };
  /** Commands that use neither a run nor data, of the type `PlainCommand`. */
  readonly plainCommands?: Readonly<Record<string, AnyPlainCommand>>;
  /** Studies by name, run by the command `study`. */
  readonly studies?: Readonly<Record<string, Study<z.output<Schema>>>>;
}

/** Command line of any system, with its types erased. */
export interface AnyProgram {
  readonly system: string;
  readonly description: string;
  readonly config: ConfigDefinition;
  load(request: unknown): unknown;
  restore(request: unknown): Promise<TrainedModel> | TrainedModel;
  baselines?(data: unknown, config: unknown): Promise<MetricTable> | MetricTable;
  figures?(context: unknown): Promise<Readonly<Record<string, Figure>>> | Readonly<Record<string, Figure>>;
  readonly learningCurve?: LearningCurveOptions;
  readonly train: {
    readonly description?: string;
    readonly options?: OptionShape;
    run(context: unknown): Promise<TrainOutcome<TrainedModel>>;
  };
  readonly commands?: Readonly<Record<string, AnyCommand['run'] | AnyCommand>>;
  readonly modelCommands?: Readonly<Record<string, AnyCommand>>;
  readonly plainCommands?: Readonly<Record<string, AnyPlainCommand>>;
  readonly studies?: Readonly<Record<string, AnyStudy>>;
}

/** Command on a trained model of any system, with its types erased. */
export interface AnyCommand extends CommandTexts<OptionShape> {
  run(context: unknown): Promise<Result> | Result;
}

/** Plain command of any system, with its types erased. */
export interface AnyPlainCommand extends CommandTexts<OptionShape> {
  readonly description: string;
  run(context: unknown): Promise<void> | void;
}
