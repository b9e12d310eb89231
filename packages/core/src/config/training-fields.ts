import { z } from 'zod';

/** A default and the reason for it. */
export interface DefaultWithReason<T> {
  readonly default: T;
  readonly reason: string;
}

/** What differs between systems: each gives its own values and reasons. */
export interface TrainingDefaults {
  readonly epochs: DefaultWithReason<number>;
  readonly batchSize: DefaultWithReason<number>;
  readonly learningRate: DefaultWithReason<number>;
}

/**
 * The fields every training has, to spread into `training: z.strictObject({ ...trainingFields(...), … })`. The flags
 * --epochs, --steps, --batch-size, --learning-rate and --seed set them, so they must stand under `training`.
 */
export function trainingFields({ epochs, batchSize, learningRate }: TrainingDefaults) {
  return {
    epochs: z.int().min(1).default(epochs.default).describe(epochs.reason),
    steps: z.int().min(1).nullable().default(null).describe('as many as the epochs take; a number ends the run there'),
    batchSize: z.int().min(1).default(batchSize.default).describe(batchSize.reason),
    learningRate: z.number().positive().default(learningRate.default).describe(learningRate.reason),
    seed: z.int().min(0).max(0xffff_ffff).default(0).describe('any; fixed, so that a run can be repeated'),
    logEverySteps: z.int().min(1).default(50).describe('a curve of some hundred points over a usual run'),
    keepEverySteps: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('only the last and the best checkpoint stay; N also keeps the first in every N steps'),
  };
}
