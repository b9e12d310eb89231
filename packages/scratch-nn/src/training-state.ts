import { UserError } from '@motley/run';
import { z } from 'zod';

const schema = z.strictObject({
  /** Updates made. */
  step: z.int().min(0),
  /** Whole epochs, and batches of the current one. */
  epoch: z.int().min(0),
  batch: z.int().min(0),
  timeInSeconds: z.number().min(0),
  /** The lowest validation loss, and the step where it was; null before the first. */
  best: z.strictObject({ loss: z.number().nullable(), step: z.int().min(0) }),
  /** Over the steps of the current epoch, each weighing its examples. */
  sums: z.strictObject({ examples: z.int().min(0), loss: z.number(), penalty: z.number() }),
});

/** What a checkpoint holds beside weights and slots: JSON values. Noise and order are functions of seed and place. */
export type TrainingState = z.output<typeof schema>;

export const INITIAL_STATE: TrainingState = {
  step: 0,
  epoch: 0,
  batch: 0,
  timeInSeconds: 0,
  best: { loss: null, step: 0 },
  sums: { examples: 0, loss: 0, penalty: 0 },
};

/** @throws UserError where `value` is no such state */
export function parseState(value: unknown): TrainingState {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UserError(`training state: ${path.join('.')} ${message}`.replaceAll('\n', ' '));
}
