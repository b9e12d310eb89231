import { z } from 'zod';
import { UserError } from '../config/errors.ts';

const finite = z.number();
const schema = z.strictObject({
  /** Steps done; with the number of batches in an epoch, the position in the data too. */
  step: z.int().min(0),
  timeInSeconds: finite.min(0),
  /** What ran the compiled step: another engine gives other bits. */
  engine: z.string().nullable(),
  bestLoss: finite.nullable(),
  /** Examples and sums of the terms so far in this epoch. */
  epochSums: z.strictObject({ examples: z.int().min(0), terms: z.record(z.string(), finite) }),
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
