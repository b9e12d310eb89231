import {
  NonFiniteLossError,
  parseTrainingState,
  planTraining,
  runTraining,
  startingState,
  UserError,
  type BatchSource,
  type EvaluationLimits,
  type Metrics,
  type ResumePoint,
  type RunContext,
  type Schedule,
  type TrainingResult,
} from '@motley/run';
import { completeKernels } from '../backends/complete-kernels.ts';
import type { Batch } from '../data/batches.ts';
import type { Module } from '../nn/module.ts';
import { createOptimizer, createSchedule } from '../optim/create.ts';
import { Optimizer, type ParameterGroup } from '../optim/optimizer.ts';
import { explainNonFinite } from './explain-non-finite.ts';
import { FirstBatchAgain } from './first-batch-again.ts';
import type { LossContext, StepCompiler } from './step.ts';
import { TensorLearner } from './tensor-learner.ts';
import { defaultTrainingSettings, type TrainingSettings } from './training-fields.ts';
import type { LossTerms } from './value-and-gradients.ts';

export type { CompiledStep, LossContext, StepCompiler, StepInputs, StepTerms, TrainingStep } from './step.ts';

/** Surroundings of a training on tensors; the context of the command `train` has them. */
export interface TensorRunContext extends RunContext {
  /** Compiles the step; without it, the step runs as it is. */
  readonly compile?: StepCompiler | undefined;
}

/** The settings of `trainingFields`, each with its default there: `fit({ ...config.training, model, … })`. */
type Settings = {
  readonly [Name in Exclude<keyof TrainingSettings, 'optimizer' | 'schedule' | 'epochs' | 'seed'>]?:
    TrainingSettings[Name] | undefined;
};

export interface FitOptions<Item extends Batch> extends TensorRunContext, Settings {
  readonly model: Module;
  readonly epochs: number;
  /** Of the noise; weights and the order of the data have their own. */
  readonly seed: number;
  /** By name, made of the settings; or one of the caller's, which stays the caller's. */
  readonly optimizer?: TrainingSettings['optimizer'] | Optimizer;
  /** Learning rate by step: by name, made of the settings, or a function. */
  readonly schedule?: TrainingSettings['schedule'] | Schedule;
  /** Parameters to train otherwise, by an optimizer that is named. */
  readonly parameterGroups?: readonly ParameterGroup[];
  readonly trainingBatches: BatchSource<Item>;
  /** The scalars of one batch: `loss` is minimized, the others are logged beside it. */
  readonly loss: (batch: Item, context: LossContext) => LossTerms;
  /**
   * Figures on held-out data, with the model in evaluation mode and its averaged weights; the lowest `loss` is the best
   * checkpoint. It is asked for a few batches alone before the first step: what has no small part may ignore that.
   */
  readonly validate?: ((limits: EvaluationLimits) => Promise<Metrics>) | undefined;
  /** The last figures, of the best weights, once the training is completed. */
  readonly test?: (() => Promise<Metrics>) | undefined;
}

/**
 * Trains a model, and leaves it in evaluation mode with the best weights by validation, or with the last where nothing
 * was validated; with weight averaging, those are averages. A training that was stopped leaves the model in between.
 * @throws NonFiniteLossError naming step, term and the first tensor that was no finite number; TensorLeakError naming the
 * line whose tensors stay; StateDictError or UserError where `resume` or the settings do not fit.
 */
export async function fit<Item extends Batch>(options: FitOptions<Item>): Promise<TrainingResult> {
  completeKernels();
  const settings = settingsOf(options);
  const { model, loss, validate, test, resume, listeners = [], parameterGroups, seed, compile } = options;
  const { overfitOneBatch, accumulationSteps, stepsPerCall } = settings;
  if (accumulationSteps > 1 && stepsPerCall > 1)
    throw new UserError(
      `training.stepsPerCall: expected 1 with accumulationSteps ${accumulationSteps}, got ${stepsPerCall}`,
    );
  const batches = overfitOneBatch ? new FirstBatchAgain(options.trainingBatches) : options.trainingBatches;
  const { totalSteps } = planTraining(settings, batches);
  const schedule = typeof options.schedule === 'function' ? options.schedule : createSchedule(settings, totalSteps);
  const { optimizer: given } = options;
  const isGiven = given instanceof Optimizer;
  const optimizer = isGiven ? given : createOptimizer(settings, model.namedParameters(), parameterGroups);
  const { engine, step: firstStep } = resume ? parseTrainingState(resume.state) : startingState(schedule);
  const learner = new TensorLearner({
    ...settings,
    model,
    optimizer,
    loss,
    seed,
    schedule,
    compile,
    firstStep,
    engine: engine ?? undefined,
    wantsGraph: resume === undefined && listeners.some((listener) => listener.onGraph !== undefined),
  });
  let lastGood: ResumePoint | undefined = resume;
  const remember = (checkpoint: ResumePoint): Promise<void> => {
    lastGood = checkpoint;
    return Promise.resolve();
  };
  try {
    lastGood ??= { ...(await learner.evaluating(() => learner.encode())), state: startingState(schedule) };
    return await runTraining(learner, settings, {
      batches,
      schedule,
      resume,
      signal: options.signal,
      listeners: [{ onCheckpoint: remember }, ...listeners],
      validate: overfitOneBatch ? undefined : validate,
      test: overfitOneBatch ? undefined : test,
    });
  } catch (error) {
    if (!(error instanceof NonFiniteLossError) || lastGood === undefined) throw error;
    throw await explainNonFinite(error, { learner, batches, schedule, accumulationSteps, from: lastGood });
  } finally {
    learner.dispose();
    if (!isGiven) optimizer.dispose();
    model.eval();
  }
}

/** The settings given, and the defaults of the others. */
function settingsOf<Item extends Batch>({ optimizer, schedule, ...rest }: FitOptions<Item>): TrainingSettings {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...defaultTrainingSettings(),
    ...given,
    ...(typeof optimizer === 'string' && { optimizer }),
    ...(typeof schedule === 'string' && { schedule }),
  };
}
