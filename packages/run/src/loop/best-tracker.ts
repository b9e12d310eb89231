import { z } from 'zod';
import { recordOf } from '../reading/schemas.ts';
import type { Metrics } from './events.ts';

export const bestSchema = z.strictObject({
  /** Lowest loss and its step. Null before the first validation. */
  loss: z.number().nullable(),
  step: z.int().min(0),
  /** All metrics of that validation. Null before the first; NaN is stored as null, as JSON has no NaN. */
  metrics: recordOf(z.number().nullable()).nullable().default(null),
  /** Last loss that was an improvement for the patience. Null: the lowest loss. */
  improvedLoss: z.number().nullable().default(null),
  /** Validations since that improvement. */
  validationsSince: z.int().min(0),
});

export interface EarlyStopping {
  /** Validations without improvement that end the training. Null: never. */
  readonly patience: number | null;
  /** Minimum decrease of the loss that the patience counts as an improvement. The lowest loss is best in any case. */
  readonly threshold: number;
}

/** State before the first validation. */
export const bestAtStart: z.output<typeof bestSchema> = {
  loss: null,
  step: 0,
  metrics: null,
  improvedLoss: null,
  validationsSince: 0,
};

/** Tracks the lowest validation loss, and the number of validations since the last improvement. */
export class BestTracker {
  readonly #earlyStopping: EarlyStopping;
  #state: z.output<typeof bestSchema>;

  constructor(earlyStopping: EarlyStopping, state: z.output<typeof bestSchema> | undefined) {
    this.#earlyStopping = earlyStopping;
    this.#state = state ?? bestAtStart;
  }

  /** Records a validation. Returns true where its loss is the lowest so far. */
  observe(metrics: Metrics & { readonly loss: number }, step: number): boolean {
    const { loss } = metrics;
    const { loss: best, improvedLoss, validationsSince } = this.#state;
    const compared = improvedLoss ?? best;
    const isImprovement = compared === null || loss < compared - this.#earlyStopping.threshold;
    const isBest = best === null || loss < best;
    this.#state = {
      ...(isBest ? { loss, step, metrics } : this.#state),
      improvedLoss: isImprovement ? loss : compared,
      validationsSince: isImprovement ? 0 : validationsSince + 1,
    };
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
