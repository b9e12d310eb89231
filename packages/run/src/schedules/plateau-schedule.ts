import { z } from 'zod';
import { UserError } from '../config/errors.ts';
import { warmedUp, type Schedule, type WarmupOptions } from './schedules.ts';

export interface PlateauScheduleOptions extends WarmupOptions {
  /** Factor of the learning rate at each decrease. Default 0.1. */
  readonly factor?: number;
  /** Validations in a row without improvement that are tolerated. The next one lowers the rate. Default 10. */
  readonly patience?: number;
  /** Relative decrease of the best loss that counts as an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** Lowest rate as a fraction of the highest. Default 0. */
  readonly finalFraction?: number;
}

const stateSchema = z.strictObject({
  fraction: z.number().min(0).max(1),
  best: z.number().nullable(),
  validationsSinceBest: z.int().min(0),
});

/**
 * Linear warm-up, then a rate that drops when the validation loss stops improving, like
 * `torch.optim.lr_scheduler.ReduceLROnPlateau`.
 */
export function plateauSchedule(options: PlateauScheduleOptions): Schedule {
  const { learningRate, factor = 0.1, patience = 10, threshold = 1e-4, finalFraction = 0 } = options;
  let state: z.output<typeof stateSchema> = { fraction: 1, best: null, validationsSinceBest: 0 };
  const following = {
    observe(loss: number): void {
      const { best, fraction, validationsSinceBest } = state;
      if (best === null || loss < best * (1 - threshold)) state = { fraction, best: loss, validationsSinceBest: 0 };
      else if (validationsSinceBest < patience) state = { ...state, validationsSinceBest: validationsSinceBest + 1 };
      else state = { best, fraction: lowered(fraction), validationsSinceBest: 0 };
    },
    get state(): unknown {
      return state;
    },
    restore(saved: unknown): void {
      const result = stateSchema.safeParse(saved);
      if (!result.success) throw new UserError('training state: expected the state of a plateau schedule');
      state = result.data;
    },
  };
  const lowered = (fraction: number): number => {
    const lower = Math.max(fraction * factor, finalFraction);
    // Like PyTorch, ignores negligible changes.
    return learningRate * (fraction - lower) > 1e-8 ? lower : fraction;
  };
  return Object.assign(
    warmedUp(options, () => state.fraction),
    { following },
  );
}
