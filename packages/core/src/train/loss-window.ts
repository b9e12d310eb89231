import type { Metrics } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { StepTerms } from './step.ts';

/** Loss terms of one step, or of several steps of one call. */
export interface WindowEntry {
  /** Number of the first step, counted from 1. */
  readonly step: number;
  /** Number of examples of each step. */
  readonly examples: readonly number[];
  /** Scalars of one step, or [K] for K steps. */
  readonly terms: StepTerms;
}

/** Loss terms of one step, read from the device. */
export interface ReadTerms {
  readonly step: number;
  readonly examples: number;
  readonly terms: Metrics;
}

/** Collects scalars of several steps on the device and reads them at once. A read at every step would stall a GPU. */
export class LossWindow {
  #entries: WindowEntry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** Adds terms. Takes ownership of them. */
  add(entry: WindowEntry): void {
    this.#entries.push(entry);
  }

  /** Reads and frees all collected terms. */
  async read(): Promise<readonly ReadTerms[]> {
    const entries = this.#entries;
    const tensors = entries.flatMap(({ terms }) => Object.values(terms));
    if (tensors.length === 0) {
      this.dispose();
      return [];
    }
    const joined = tf.tidy(() => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1]))));
    this.dispose();
    const values = await joined.data();
    joined.dispose();
    let offset = 0;
    return entries.flatMap(({ step, examples, terms }) => {
      const columns = Object.keys(terms).map((name) => {
        const column = values.subarray(offset, offset + examples.length);
        offset += examples.length;
        return [name, column] as const;
      });
      return examples.map((count, index): ReadTerms => {
        const ofStep = columns.map(([name, column]) => [name, column[index]!] as const);
        return { step: step + index, examples: count, terms: Object.fromEntries(ofStep) };
      });
    });
  }

  /** Frees terms that were not read. */
  dispose(): void {
    for (const { terms } of this.#entries) tf.dispose(terms);
    this.#entries = [];
  }
}
