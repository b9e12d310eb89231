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
  /** The whole resolved record. */
  readonly config: Config;
  /** The command's own options. */
  readonly options: OptionsOf<Shape>;
  /** Folder of the run's files and the command's. */
  readonly folder: RunFolder;
  readonly backend: ComputeReport;
  /** `--data`, absolute. */
  readonly dataPath: string | undefined;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Compiles a step, where the backend can and `--no-compile` was not given. */
  readonly compile: Types['compile'];
  /** Prints a line for the reader: standard output, or standard error with `--json`. */
  readonly print: (line: string) => void;
  /** Writes text to where `print` does, without a line's end: for text that is read as it comes. */
  readonly write: (text: string) => void;
}

/** Request for the data of a run. */
export interface DataRequest<Config, Types extends RuntimeTypes> extends Pick<
  CommandContext<Config, Types>,
  'config' | 'dataPath'
> {
  /** Weights of the checkpoint in use: a vocabulary may be among them. None in a fresh training. */
  readonly weights: Types['weights'] | undefined;
}

/** Request for the model of a checkpoint. */
export interface ModelRequest<Config, Types extends RuntimeTypes, Data> {
  readonly config: Config;
  readonly weights: Types['weights'];
  /** Undefined where the command needs none. */
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
  /** Run folder, loggers and progress. */
  readonly listeners: readonly TrainingListener[];
  /** Checkpoint to go on from, with `--resume`. */
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

/** Context of a command on a trained model without its data. */
export interface ModelContext<
  Config,
  Types extends RuntimeTypes,
  Model,
  Shape extends OptionShape = OptionShape,
> extends CommandContext<Config, Types, Shape> {
  /** The checkpoint's model in evaluation mode. The command kit disposes of it. */
  readonly model: Model;
  /** Weights of the checkpoint, valid while the command runs. */
  readonly weights: Types['weights'];
  /** Step of the checkpoint. */
  readonly step: number;
  /** Arguments as absolute paths, where the command takes files. */
  readonly files: readonly string[];
  /** Arguments as they were given, where the command takes texts. */
  readonly texts: readonly string[];
}

/** Context of a command on a trained model and its data. */
export interface TrainedContext<
  Config,
  Types extends RuntimeTypes,
  Data,
  Model,
  Shape extends OptionShape = OptionShape,
> extends ModelContext<Config, Types, Model, Shape> {
  readonly data: Data;
}

/** Results of a command; fields of its summary. */
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
  /** Default: for `evaluate` and `train` a sentence that fits every system. */
  readonly description?: string;
  readonly options?: Shape;
  /** Description of the files that the command takes as arguments; without it there are none. */
  readonly files?: string;
  /** Description of the texts that the command takes as arguments, instead of files. */
  readonly texts?: string;
}

type Result = CommandResult | undefined;

/** A command that uses a trained model and its data. */
export interface DataCommand<
  Config,
  Types extends RuntimeTypes,
  Data,
  Model,
  Shape extends OptionShape = OptionShape,
> extends CommandTexts<Shape> {
  run(context: TrainedContext<Config, Types, Data, Model, Shape>): Promise<Result> | Result;
}

/** A command that uses a trained model alone: no data are loaded, and there is no `--data`. */
export interface ModelCommand<
  Config,
  Types extends RuntimeTypes,
  Model,
  Shape extends OptionShape = OptionShape,
> extends CommandTexts<Shape> {
  run(context: ModelContext<Config, Types, Model, Shape>): Promise<Result> | Result;
}

/** A system's command line. The commands `train`, `evaluate`, `figures`, `sweep` and `study` are made of its parts. */
export interface Program<
  Schema extends z.ZodObject,
  Types extends RuntimeTypes,
  Data,
  Model extends TrainedModel,
  TrainShape extends OptionShape = OptionShape,
  Shapes extends OptionShapes = OptionShapes,
  ModelShapes extends OptionShapes = OptionShapes,
> {
  /** The package's name without its scope; runs are kept under it. */
  readonly system: string;
  readonly description: string;
  readonly config: ConfigDefinition<Schema>;
  /** Loads the data of a run. */
  load(request: DataRequest<z.output<Schema>, Types>): Promise<Data> | Data;
  /** Builds the model of a checkpoint. */
  restore(request: ModelRequest<z.output<Schema>, Types, Data>): Promise<Model> | Model;
  /** Predictors without a network, measured as the model is. */
  baselines?(data: Data, config: z.output<Schema>): Promise<MetricTable> | MetricTable;
  /** Figures of a trained model by kebab-case name, beside the learning curve. */
  figures?(
    context: FigureContext<z.output<Schema>, Types, Data, Model>,
  ): Promise<Readonly<Record<string, Figure>>> | Readonly<Record<string, Figure>>;
  readonly learningCurve?: LearningCurveOptions;
  readonly train: {
    readonly description?: string;
    readonly options?: TrainShape;
    run(context: TrainContext<z.output<Schema>, Types, Data, TrainShape>): Promise<TrainOutcome<Model>>;
  };
  /** Commands on a trained model and its data: functions, or with texts and options. */
  readonly commands?: {
    readonly [Name in keyof Shapes]:
      | DataCommand<z.output<Schema>, Types, Data, Model, Shapes[Name]>['run']
      | DataCommand<z.output<Schema>, Types, Data, Model, Shapes[Name]>;
  };
  /** Commands on a trained model alone. */
  readonly modelCommands?: {
    readonly [Name in keyof ModelShapes]: ModelCommand<z.output<Schema>, Types, Model, ModelShapes[Name]>;
  };
  /** Trainings that are compared, by name: the command `study` runs them. */
  readonly studies?: Readonly<Record<string, Study<z.output<Schema>>>>;
}

/** A command line whatever computes: its types are known to the system alone. */
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
  readonly studies?: Readonly<Record<string, AnyStudy>>;
}

/** A command on a trained model whatever computes. */
export interface AnyCommand extends CommandTexts<OptionShape> {
  run(context: unknown): Promise<Result> | Result;
}
