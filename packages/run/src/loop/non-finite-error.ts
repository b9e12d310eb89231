import type { Metrics } from './events.ts';

/** A training that left the numbers: one line that names step and term, and the first tensor that went bad. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';
  /** The training step whose terms were bad; undefined where a validation's were. */
  readonly step: number | undefined;

  constructor(message: string, step?: number) {
    super(message);
    this.step = step;
  }
}

/** @throws NonFiniteLossError naming the first of `terms` that is no finite number. */
export function requireFinite(terms: Metrics, place: string, step?: number): void {
  const bad = Object.entries(terms).find(([, value]) => !Number.isFinite(value));
  if (bad !== undefined) throw new NonFiniteLossError(`${place}: expected a finite ${bad[0]}, got ${bad[1]}`, step);
}
