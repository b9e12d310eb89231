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
import type { TrainingSettings } from '../train/training-fields.ts';
import { Adagrad } from './adagrad.ts';
import { Adam, AdamW } from './adam.ts';
import { Lion } from './lion.ts';
import { undecayedVectors, type Optimizer, type ParameterGroup } from './optimizer.ts';
import { RmsProp } from './rmsprop.ts';
import { Sgd } from './sgd.ts';

/**
 * The optimizer that the settings name.
 * @param groups of the system's own, before that of the undecayed vectors
 * @throws UserError where Adam is given a weight decay
 */
export function createOptimizer(
  settings: TrainingSettings,
  parameters: NamedVariables,
  groups: readonly ParameterGroup[] = [],
): Optimizer {
  const { optimizer, weightDecay, momentum, nesterov, betas, decayVectors } = settings;
  if (optimizer === 'adam' && weightDecay !== null && weightDecay > 0)
    throw new UserError(`training.weightDecay: expected 0 with adam, got ${weightDecay}; adamw has one`);
  const common = {
    ...(weightDecay !== null && { weightDecay }),
    groups: decayVectors ? groups : [...groups, undecayedVectors],
  };
  const [beta1, beta2] = betas ?? [];
  const withBetas = { ...common, ...(beta1 !== undefined && { beta1 }), ...(beta2 !== undefined && { beta2 }) };
  switch (optimizer) {
    case 'adamw':
      return new AdamW(parameters, withBetas);
    case 'adam':
      return new Adam(parameters, withBetas);
    case 'lion':
      return new Lion(parameters, withBetas);
    case 'adagrad':
      return new Adagrad(parameters, common);
    case 'rmsprop':
      return new RmsProp(parameters, { ...common, momentum: momentum ?? 0 });
    case 'sgd':
      return new Sgd(parameters, { ...common, momentum: momentum ?? 0.9, nesterov: nesterov && momentum !== 0 });
  }
}

/** The schedule that the settings name, over a run of `totalSteps`. */
export function createSchedule(settings: TrainingSettings, totalSteps: number): Schedule {
  const { learningRate, warmupSteps, finalLearningRateFraction, decayEverySteps, decayFactor } = settings;
  const warmup = { learningRate, warmupSteps };
  switch (settings.schedule) {
    case 'constant':
      return constantSchedule(learningRate, warmupSteps);
    case 'cosine':
      return cosineSchedule({ ...warmup, totalSteps, finalFraction: finalLearningRateFraction });
    case 'step':
      return stepSchedule({ ...warmup, everySteps: decayEverySteps, factor: decayFactor });
    case 'inverseSquareRoot':
      return inverseSquareRootSchedule(warmup);
    case 'oneCycle':
      return oneCycleSchedule({
        learningRate,
        totalSteps,
        ...(warmupSteps > 0 && { risingPart: warmupSteps / totalSteps }),
      });
    case 'plateau':
      return plateauSchedule({
        ...warmup,
        factor: decayFactor,
        patience: settings.plateauPatience,
        finalFraction: finalLearningRateFraction,
      });
  }
}
