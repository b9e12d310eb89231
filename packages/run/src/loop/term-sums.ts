import { z } from 'zod';
import { recordOf } from '../reading/schemas.ts';
import type { Metrics } from './events.ts';

export const termSumsSchema = recordOf(z.strictObject({ sum: z.number(), weight: z.number().min(0) }));

/** Sums of terms and of their weights by name, as JSON. */
export type TermSumsState = z.output<typeof termSumsSchema>;

/** Running means of terms, weighted step by step. A term without any weight has mean 0. The state can be saved and restored. */
export class TermSums {
  readonly #sums: Map<string, { sum: number; weight: number }>;

  constructor(state: TermSumsState = {}) {
    this.#sums = new Map(Object.entries(structuredClone(state)));
  }

  add(terms: Metrics, weight: number): void {
    for (const [name, value] of Object.entries(terms)) {
      const total = this.#sums.get(name) ?? { sum: 0, weight: 0 };
      total.sum += value * weight;
      total.weight += weight;
      this.#sums.set(name, total);
    }
  }

  get means(): Record<string, number> {
    return Object.fromEntries(
      [...this.#sums].map(([name, { sum, weight }]) => [name, weight === 0 ? 0 : sum / weight]),
    );
  }

  get state(): TermSumsState {
    return structuredClone(Object.fromEntries(this.#sums));
  }
}
