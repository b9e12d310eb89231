import { bestSchema, termSumsSchema, UserError } from '@motley/run';
import { z } from 'zod';

const schema = z.strictObject({
  /** Updates made. */
  step: z.int().min(0),
  /** Whole epochs, and batches of the current one: the position in the data. Never between the batches of an update. */
  epoch: z.int().min(0),
  batch: z.int().min(0),
  timeInSeconds: z.number().min(0),
  /** What ran the compiled step: another engine gives other bits. */
  engine: z.string().nullable(),
  best: bestSchema,
  /** Of the current epoch. */
  epochSums: termSumsSchema,
  /** Of a schedule that follows the validation. */
  schedule: z.unknown().nullable(),
});

/** What a checkpoint holds beside weights and slots: JSON values. */
export type TrainingState = z.output<typeof schema>;

/** @throws UserError where `value` is not what `fit` saved. */
export function parseTrainingState(value: unknown): TrainingState {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UserError(`training state: ${path.join('.')} ${message}`.replaceAll('\n', ' '));
}
