import { z } from 'zod';
import { recordOf } from '../reading/schemas.ts';
import type { Metrics } from './events.ts';

export const bestSchema = z.strictObject({
  /** Lowest loss and its step. Null before the first validation. */
  loss: z.number().nullable(),
  step: z.int().min(0),
  /** All metrics of that validation. Null before the first; NaN is stored as null, as JSON has no NaN. */
  metrics: recordOf(z.number().nullable()).nullable().default(null),
  /** Validations since the best one. */
  validationsSince: z.int().min(0),
});

export interface EarlyStopping {
  /** Validations without improvement that end the training. Null: never. */
  readonly patience: number | null;
  /** Minimum decrease of the loss that counts as an improvement. */
  readonly threshold: number;
}

/** Tracks the best validation loss and the number of validations since. */
export class BestTracker {
  readonly #earlyStopping: EarlyStopping;
  #state: z.output<typeof bestSchema>;

  constructor(earlyStopping: EarlyStopping, state: z.output<typeof bestSchema> | undefined) {
    this.#earlyStopping = earlyStopping;
    this.#state = state ?? { loss: null, step: 0, metrics: null, validationsSince: 0 };
  }

  /** Records a validation. Returns true where its loss is the best so far. */
  observe(metrics: Metrics & { readonly loss: number }, step: number): boolean {
    const { loss } = metrics;
    const { loss: best, validationsSince } = this.#state;
    const isBest = best === null || loss < best - this.#earlyStopping.threshold;
    this.#state = isBest
      ? { loss, step, metrics, validationsSince: 0 }
      : { ...this.#state, validationsSince: validationsSince + 1 };
    return isBest;
  }

  /** Whether as many validations as the patience have passed without improvement. */
  get patienceExhausted(): boolean {
    return this.#state.validationsSince >= (this.#earlyStopping.patience ?? Infinity);
  }

  get state(): z.output<typeof bestSchema> {
    return this.#state;
  }

  /** Metrics of the best step, where known. */
  get metrics(): Metrics | undefined {
    const { metrics } = this.#state;
    return metrics === null
      ? undefined
      : Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value ?? NaN]));
  }
}
