import type { Metrics } from './events.ts';

/** Loss or other term that is NaN or infinite. The message names the step and the term in one line. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';
  /** Training step of the term. Undefined for a validation. */
  readonly step: number | undefined;

  constructor(message: string, step?: number) {
    super(message);
    this.step = step;
  }
}

/**
 * Requires every term to be finite.
 * @param advice text appended to the message
 * @throws NonFiniteLossError naming the first term that is NaN or infinite
 */
export function requireFinite(terms: Metrics, place: string, step?: number, advice = ''): void {
  const bad = Object.entries(terms).find(([, value]) => !Number.isFinite(value));
  if (bad !== undefined)
    throw new NonFiniteLossError(`${place}: expected a finite ${bad[0]}, got ${bad[1]}${advice}`, step);
}
