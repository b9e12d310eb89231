import type { Metrics, Schedule, TrainingListener } from '@motley/run';
import type { Tensor } from '@tensorflow/tfjs-core';
import { completeKernels } from '../backends/complete-kernels.ts';
import type { Batch, BatchSource } from '../data/batches.ts';
import type { Module } from '../nn/module.ts';
import type { StateDict } from '../nn/state-dict.ts';
import type { Optimizer, ParameterGroup } from '../optim/optimizer.ts';
import type { EvaluationLimits } from './evaluation.ts';
import type { LossContext, StepCompiler } from './step.ts';
import { defaultTrainingSettings, type TrainingSettings } from './training-fields.ts';
import { Training } from './training.ts';
import type { LossTerms } from './value-and-gradients.ts';

export type { CompiledStep, LossContext, StepCompiler, StepInputs, StepTerms, TrainingStep } from './step.ts';

/** Where to go on from: what `onCheckpoint` was given. */
export interface ResumePoint {
  readonly weights: StateDict;
  readonly optimizer: StateDict;
  readonly state: unknown;
  /** The best checkpoint's weights, to end with where no better come; the receiver frees them. */
  readonly loadBest?: () => Promise<{ readonly weights: StateDict; dispose(): void }>;
}

/** What surrounds a training: the command kit's context has it. */
export interface TrainingSurroundings {
  readonly listeners?: readonly TrainingListener<Tensor>[] | undefined;
  /** Stops the training after saving a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  readonly resume?: ResumePoint | undefined;
  /** Compiles the step; without it, it runs as it is. */
  readonly compile?: StepCompiler | undefined;
}

/** The settings of `trainingFields`, each with its default there: `fit({ ...config.training, model, … })`. */
type Settings = {
  readonly [Name in Exclude<keyof TrainingSettings, 'optimizer' | 'schedule' | 'epochs' | 'seed'>]?:
    TrainingSettings[Name] | undefined;
};

export interface FitOptions<Item extends Batch> extends TrainingSurroundings, Settings {
  readonly model: Module;
  readonly epochs: number;
  /** Of the noise; weights and the order of the data have their own. */
  readonly seed: number;
  /** By name, made of the settings; or one of the caller's, which stays the caller's. */
  readonly optimizer?: TrainingSettings['optimizer'] | Optimizer;
  /** Learning rate by step: by name, made of the settings, or a function. */
  readonly schedule?: TrainingSettings['schedule'] | Schedule;
  /** Parameters to train otherwise, by an optimiser that is named. */
  readonly parameterGroups?: readonly ParameterGroup[];
  readonly trainingBatches: BatchSource<Item>;
  /** The scalars of one batch: `loss` is minimised, the others are logged beside it. */
  readonly loss: (batch: Item, context: LossContext) => LossTerms;
  /**
   * Figures on held-out data, with the model in evaluation mode and its averaged weights; the lowest `loss` is the best
   * checkpoint. It is asked for a few batches alone before the first step: what has no small part may ignore that.
   */
  readonly validate?: ((limits: EvaluationLimits) => Promise<Metrics>) | undefined;
  /** The last figures, of the best weights, once the training is completed. */
  readonly test?: (() => Promise<Metrics>) | undefined;
}

export interface FitResult {
  readonly status: 'completed' | 'stopped';
  /** Steps done in all, those before a resume included. */
  readonly steps: number;
  /** Epochs begun. */
  readonly epochs: number;
  /** Numbers that were trained. */
  readonly parameters: number;
  /** Of the steps of this call alone: no validation, no checkpoints. */
  readonly samplesPerSecond: number;
  /** What ran the compiled step; undefined where it was not compiled. */
  readonly engine: string | undefined;
  /** The step whose weights the model has in the end: the best by validation, or the last. */
  readonly bestStep: number;
  /**
   * What `validate` and `test` said last, as `validation` and `test`, and what `validate` said of the best weights, as
   * `bestValidation`; without them, the last epoch's means as `train`.
   */
  readonly metrics: Readonly<Record<string, Metrics>>;
}

/**
 * Trains a model, and leaves it in evaluation mode with the best weights by validation, or with the last where nothing
 * was validated; with weight averaging, those are averages. A training that was stopped leaves the model in between.
 * @throws NonFiniteLossError naming step, term and the first tensor that was no finite number; TensorLeakError naming the
 * line whose tensors stay; StateDictError or UserError where `resume` or the settings do not fit.
 */
export async function fit<Item extends Batch>(options: FitOptions<Item>): Promise<FitResult> {
  completeKernels();
  const { optimizer, schedule, ...rest } = options;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const settings: TrainingSettings = {
    ...defaultTrainingSettings(),
    ...given,
    ...(typeof optimizer === 'string' && { optimizer }),
    ...(typeof schedule === 'string' && { schedule }),
  };
  const training = new Training(options, settings);
  try {
    return await training.run();
  } finally {
    training.dispose();
  }
}
