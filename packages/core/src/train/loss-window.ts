import * as tf from '@tensorflow/tfjs-core';
import type { Metrics } from './events.ts';
import type { LossTerms } from './value-and-gradients.ts';

/** A training that left the numbers: one line that names step and term. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError';
}

/** The terms of one step, read. */
export interface StepTerms {
  readonly examples: number;
  readonly terms: Metrics;
}

/** Keeps the scalars of several steps on the device, to read them all at once: a read at every step stalls a GPU. */
export class LossWindow {
  #steps: { readonly step: number; readonly examples: number; readonly terms: LossTerms }[] = [];

  get size(): number {
    return this.#steps.length;
  }

  /** Takes over the terms. */
  add(step: number, examples: number, terms: LossTerms): void {
    this.#steps.push({ step, examples, terms });
  }

  /**
   * Reads and frees what is there.
   * @throws NonFiniteLossError naming the first step and term that is no finite number.
   */
  async read(): Promise<readonly StepTerms[]> {
    const steps = this.#steps;
    if (steps.length === 0) return [];
    const stacked = tf.tidy(() => tf.stack(steps.flatMap(({ terms }) => Object.values(terms))));
    this.dispose();
    const values = (await stacked.data()).values();
    stacked.dispose();
    return steps.map(({ step, examples, terms }) => {
      const read = Object.keys(terms).map((name) => [name, values.next().value!] as const);
      const bad = read.find(([, value]) => !Number.isFinite(value));
      if (bad !== undefined) throw new NonFiniteLossError(`step ${step}: expected a finite ${bad[0]}, got ${bad[1]}`);
      return { examples, terms: Object.fromEntries(read) };
    });
  }

  /** Frees what has not been read. */
  dispose(): void {
    for (const { terms } of this.#steps) tf.dispose(terms);
    this.#steps = [];
  }
}
