import { UserError } from '../config/errors.ts';

/** Settings that decide the length of a training. */
export interface PlanSettings {
  readonly epochs: number;
  /** Total number of updates. Null: given by the epochs. */
  readonly steps?: number | null | undefined;
  /** Updates per epoch. Null: given by the data. */
  readonly stepsPerEpoch?: number | null | undefined;
  /** Batches per update. Default 1. */
  readonly accumulationSteps?: number | undefined;
}

export interface TrainingPlan {
  readonly batchesPerEpoch: number;
  readonly totalSteps: number;
  readonly totalEpochs: number;
}

/**
 * Computes the number of updates and epochs.
 * @throws UserError where an epoch asks for more updates than the data have batches for
 */
export function planTraining(
  { epochs, steps, stepsPerEpoch, accumulationSteps = 1 }: PlanSettings,
  batches: { readonly batchesPerEpoch: number },
): TrainingPlan {
  const available = batches.batchesPerEpoch;
  const batchesPerEpoch = stepsPerEpoch == null ? available : stepsPerEpoch * accumulationSteps;
  if (batchesPerEpoch > available)
    throw new UserError(
      `training.stepsPerEpoch: expected at most the ${Math.floor(available / accumulationSteps)} of the data, got ${stepsPerEpoch!}`,
    );
  const ofEpoch = Math.ceil(batchesPerEpoch / accumulationSteps);
  const totalSteps = steps ?? epochs * ofEpoch;
  return { batchesPerEpoch, totalSteps, totalEpochs: Math.ceil(totalSteps / ofEpoch) };
}
