import {
  constantSchedule,
  cosineSchedule,
  inverseSquareRootSchedule,
  oneCycleSchedule,
  plateauSchedule,
  type Schedule,
  stepSchedule,
  UserError,
} from '@motley/run';
import type { NamedVariables } from '../nn/module.ts';
import { Adagrad } from './adagrad.ts';
import { Adam, AdamW } from './adam.ts';
import { Lion } from './lion.ts';
import { undecayedVectors, type Optimizer, type ParameterGroup } from './optimizer.ts';
import { RmsProp } from './rmsprop.ts';
import { Sgd } from './sgd.ts';

/**
 * Optimizer settings, named as in the `training` part of a configuration. Null stands for the optimizer's own default.
 */
interface OptimizerSettings {
  readonly weightDecay: number | null;
  readonly momentum: number | null;
  readonly nesterov: boolean;
  readonly betas: readonly number[] | null;
  readonly decayVectors: boolean;
}

type CreateOptimizer = (
  parameters: NamedVariables,
  settings: OptimizerSettings,
  groups: readonly ParameterGroup[],
) => Optimizer;

/** Optimizers by the value of `training.optimizer`. To add one, add a line. */
const optimizers = {
  adamw: (parameters, settings, groups) => new AdamW(parameters, withBetas(settings, groups)),
  adam: (parameters, settings, groups) => {
    const { weightDecay } = settings;
    if (weightDecay !== null && weightDecay > 0)
      throw new UserError(`training.weightDecay: expected 0 with adam, got ${weightDecay}; adamw has one`);
    return new Adam(parameters, withBetas(settings, groups));
  },
  sgd: (parameters, settings, groups) => {
    const { momentum, nesterov } = settings;
    return new Sgd(parameters, {
      ...withDecay(settings, groups),
      momentum: momentum ?? 0.9,
      nesterov: nesterov && momentum !== 0,
    });
  },
  rmsprop: (parameters, settings, groups) =>
    new RmsProp(parameters, { ...withDecay(settings, groups), momentum: settings.momentum ?? 0 }),
  adagrad: (parameters, settings, groups) => new Adagrad(parameters, withDecay(settings, groups)),
  lion: (parameters, settings, groups) => new Lion(parameters, withBetas(settings, groups)),
} satisfies Readonly<Record<string, CreateOptimizer>>;

export type OptimizerName = keyof typeof optimizers;
export const OPTIMIZERS = Object.keys(optimizers) as OptimizerName[];

function withDecay({ weightDecay, decayVectors }: OptimizerSettings, groups: readonly ParameterGroup[]) {
  return {
    ...(weightDecay !== null && { weightDecay }),
    groups: decayVectors ? groups : [...groups, undecayedVectors],
  };
}

function withBetas(settings: OptimizerSettings, groups: readonly ParameterGroup[]) {
  const [beta1, beta2] = settings.betas ?? [];
  return {
    ...withDecay(settings, groups),
    ...(beta1 !== undefined && { beta1 }),
    ...(beta2 !== undefined && { beta2 }),
  };
}

/**
 * Creates the optimizer that the settings name.
 * @param groups parameter groups of the system; they come before the group of undecayed vectors
 * @throws UserError where Adam is given a weight decay
 */
export function createOptimizer(
  settings: OptimizerSettings & { readonly optimizer: OptimizerName },
  parameters: NamedVariables,
  groups: readonly ParameterGroup[] = [],
): Optimizer {
  return optimizers[settings.optimizer](parameters, settings, groups);
}

/** Schedule settings, named as in the `training` part of a configuration. */
interface ScheduleSettings {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly finalLearningRateFraction: number;
  readonly decayEverySteps: number;
  readonly decayFactor: number;
  readonly plateauPatience: number;
}

/** Schedules by the value of `training.schedule`, over a run of `totalSteps`. To add one, add a line. */
const schedules = {
  cosine: ({ learningRate, warmupSteps, finalLearningRateFraction: finalFraction }, totalSteps) =>
    cosineSchedule({ learningRate, warmupSteps, totalSteps, finalFraction }),
  constant: ({ learningRate, warmupSteps }) => constantSchedule(learningRate, warmupSteps),
  step: ({ learningRate, warmupSteps, decayEverySteps: everySteps, decayFactor: factor }) =>
    stepSchedule({ learningRate, warmupSteps, everySteps, factor }),
  oneCycle: ({ learningRate, warmupSteps }, totalSteps) =>
    oneCycleSchedule({
      learningRate,
      totalSteps,
      ...(warmupSteps > 0 && { risingPart: warmupSteps / totalSteps }),
    }),
  inverseSquareRoot: ({ learningRate, warmupSteps }) => inverseSquareRootSchedule({ learningRate, warmupSteps }),
  plateau: ({ learningRate, warmupSteps, decayFactor, plateauPatience, finalLearningRateFraction }) =>
    plateauSchedule({
      learningRate,
      warmupSteps,
      factor: decayFactor,
      patience: plateauPatience,
      finalFraction: finalLearningRateFraction,
    }),
} satisfies Readonly<Record<string, (settings: ScheduleSettings, totalSteps: number) => Schedule>>;

export type ScheduleName = keyof typeof schedules;
export const SCHEDULES = Object.keys(schedules) as ScheduleName[];

/** Creates the schedule that the settings name, over a run of `totalSteps`. A warm-up ends by the half of a short run. */
export function createSchedule(
  settings: ScheduleSettings & { readonly schedule: ScheduleName },
  totalSteps: number,
): Schedule {
  const warmupSteps = Math.min(settings.warmupSteps, Math.floor(totalSteps / 2));
  return schedules[settings.schedule]({ ...settings, warmupSteps }, totalSteps);
}
