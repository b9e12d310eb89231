import { z } from 'zod';
import { UserError } from '../config/errors.ts';
import { firstIssue } from '../reading/schemas.ts';
import type { Schedule } from '../schedules/schedules.ts';
import { bestAtStart, bestSchema } from './best-tracker.ts';
import { termSumsSchema } from './term-sums.ts';

/** Position in a training: updates made, whole epochs, and batches of the current epoch. */
export interface Position {
  step: number;
  epoch: number;
  batch: number;
}

/** Number of epochs begun. */
export function epochsBegun({ epoch, batch }: Position): number {
  return batch > 0 ? epoch + 1 : epoch;
}

const schema = z.strictObject({
  /** Updates made. */
  step: z.int().min(0),
  /** Whole epochs, and batches of the current one. A state is never saved between the batches of an update. */
  epoch: z.int().min(0),
  batch: z.int().min(0),
  timeInSeconds: z.number().min(0),
  /** Engine of the compiled step. Another engine gives other bits. */
  engine: z.string().nullable(),
  best: bestSchema,
  /** Sums over the current epoch. */
  epochSums: termSumsSchema,
  /** State of a schedule that follows the validation loss. */
  schedule: z.unknown().nullable(),
});

/** JSON part of a checkpoint. */
export type TrainingState = z.output<typeof schema>;

/** State before the first update. */
export function startingState(schedule: Schedule): TrainingState {
  return {
    step: 0,
    epoch: 0,
    batch: 0,
    timeInSeconds: 0,
    engine: null,
    best: bestAtStart,
    epochSums: {},
    schedule: schedule.following?.state ?? null,
  };
}

/** @throws UserError where `value` is not the state of a training */
export function parseTrainingState(value: unknown): TrainingState {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UserError(`training state: expected one of this version, found ${firstIssue(result.error)}`);
}
