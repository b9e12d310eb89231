import { z } from 'zod';
import type { Metrics } from './events.ts';

export const bestSchema = z.strictObject({
  /** The lowest loss, and the step where it was; null before the first. */
  loss: z.number().nullable(),
  step: z.int().min(0),
  /** All figures of that validation; null before the first. JSON has no NaN: it is null too. */
  metrics: z.record(z.string(), z.number().nullable()).nullable().default(null),
  /** Validations since then. */
  validationsSince: z.int().min(0),
});

export interface EarlyStopping {
  /** Validations without improvement that end the training; null: none does. */
  readonly patience: number | null;
  /** By how much a loss must be below the best one to be an improvement. */
  readonly threshold: number;
}

/** Tracks the best validation loss, and the validations since. */
export class BestTracker {
  readonly #earlyStopping: EarlyStopping;
  #state: z.output<typeof bestSchema>;

  constructor(earlyStopping: EarlyStopping, state: z.output<typeof bestSchema> | undefined) {
    this.#earlyStopping = earlyStopping;
    this.#state = state ?? { loss: null, step: 0, metrics: null, validationsSince: 0 };
  }

  /** Takes note of a validation; true where its loss is the best so far. */
  observe(metrics: Metrics & { readonly loss: number }, step: number): boolean {
    const { loss } = metrics;
    const { loss: best, validationsSince } = this.#state;
    const isBest = best === null || loss < best - this.#earlyStopping.threshold;
    this.#state = isBest
      ? { loss, step, metrics, validationsSince: 0 }
      : { ...this.#state, validationsSince: validationsSince + 1 };
    return isBest;
  }

  /** Whether the patience's number of validations has passed without improvement. */
  get patienceExhausted(): boolean {
    return this.#state.validationsSince >= (this.#earlyStopping.patience ?? Infinity);
  }

  get state(): z.output<typeof bestSchema> {
    return this.#state;
  }

  /** Figures measured at the best step, as far as they are known. */
  get metrics(): Metrics | undefined {
    const { metrics } = this.#state;
    return metrics === null
      ? undefined
      : Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value ?? NaN]));
  }
}
