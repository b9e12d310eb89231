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
import type { Batch, WeightOf } from '../data/batches.ts';
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

/** Run context of a training on tensors. The `train` command provides it. */
export interface TensorRunContext extends RunContext {
  /** Compiler of the training step. Without it, the step runs uncompiled. */
  readonly compile?: StepCompiler | undefined;
}

/** Settings of `trainingFields`, all optional, with the same defaults: `fit({ ...config.training, model, … })`. */
type Settings = {
  readonly [Name in Exclude<keyof TrainingSettings, 'optimizer' | 'schedule' | 'epochs' | 'seed'>]?:
    TrainingSettings[Name] | undefined;
};

export interface FitOptions<Item extends Batch> extends TensorRunContext, Settings {
  readonly model: Module;
  readonly epochs: number;
  /** Seed of the training noise, such as dropout. Weights and data order have seeds of their own. */
  readonly seed: number;
  /** Optimizer: a name, for one created from the settings, or an instance, which the caller keeps. */
  readonly optimizer?: TrainingSettings['optimizer'] | Optimizer;
  /** Learning rate schedule: a name, for one created from the settings, or a function of the step. */
  readonly schedule?: TrainingSettings['schedule'] | Schedule;
  /** Parameter groups. Only for an optimizer given by name. */
  readonly parameterGroups?: readonly ParameterGroup[];
  readonly trainingBatches: BatchSource<Item>;
  /** Loss terms of one batch, all scalars: `loss` is minimized, the others are logged. */
  readonly loss: (batch: Item, context: LossContext) => LossTerms;
  /**
   * Number of what the terms of a batch are means over, where that is not its examples: symbols that are not padding, or
   * a sum of weights. Accumulated gradients and logged means are weighted by it. Default: the number of examples.
   */
  readonly weightOf?: WeightOf<Item> | undefined;
  /**
   * Computes metrics on held-out data, in evaluation mode and with averaged weights. The lowest `loss` determines the
   * best checkpoint. The call before the first step limits the number of batches; the limit may be ignored.
   */
  readonly validate?: ((limits: EvaluationLimits) => Promise<Metrics>) | undefined;
  /** Whether the initial weights, validated before the first update, may be the best: for a start that was fitted. */
  readonly startIsCandidate?: boolean | undefined;
  /** Computes the final metrics of the best weights, once training has completed. */
  readonly test?: (() => Promise<Metrics>) | undefined;
}

/**
 * Trains a model. At the end the model is in evaluation mode, with the best weights by validation, or the last weights
 * without validation. With weight averaging these are the averages. An interrupted training keeps its current weights.
 * @throws NonFiniteLossError naming the step, the term and the first non-finite tensor
 * @throws TensorLeakError naming the line that creates the leaked tensors
 * @throws StateDictError or UserError where `resume` or the settings do not fit
 */
export async function fit<Item extends Batch>(options: FitOptions<Item>): Promise<TrainingResult> {
  completeKernels();
  const settings = settingsOf(options);
  const { model, loss, weightOf, validate, test, resume, listeners = [], parameterGroups, seed, compile } = options;
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
    weightOf,
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
      startIsCandidate: options.startIsCandidate,
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

/** The given settings, completed by the defaults. */
function settingsOf<Item extends Batch>({ optimizer, schedule, ...rest }: FitOptions<Item>): TrainingSettings {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...defaultTrainingSettings(),
    ...given,
    ...(typeof optimizer === 'string' && { optimizer }),
    ...(typeof schedule === 'string' && { schedule }),
  };
}
