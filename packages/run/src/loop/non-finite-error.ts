import type { Metrics } from './events.ts';

/** A training whose loss is no finite number: one line that names the step and the term. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';
  /** Training step of the terms; undefined where they are a validation's. */
  readonly step: number | undefined;

  constructor(message: string, step?: number) {
    super(message);
    this.step = step;
  }
}

/**
 * @param advice follows the message
 * @throws NonFiniteLossError naming the first of `terms` that is no finite number
 */
export function requireFinite(terms: Metrics, place: string, step?: number, advice = ''): void {
  const bad = Object.entries(terms).find(([, value]) => !Number.isFinite(value));
  if (bad !== undefined)
    throw new NonFiniteLossError(`${place}: expected a finite ${bad[0]}, got ${bad[1]}${advice}`, step);
}
