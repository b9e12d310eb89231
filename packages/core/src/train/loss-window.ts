import type { Metrics } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { StepTerms } from './step.ts';

/** Loss terms of one step, or of several steps of one call. */
export interface WindowEntry {
  /** Number of the first step, counted from 1. */
  readonly step: number;
  /**
   * Weight of the terms of each step in means over steps: the number of what they are means over. A scalar, or [K] for K
   * steps, where it is on the device.
   */
  readonly weights: readonly number[] | tf.Tensor;
  /** Scalars of one step, or [K] for K steps. */
  readonly terms: StepTerms;
}

/** Loss terms of one step, read from the device. */
export interface ReadTerms {
  readonly step: number;
  readonly weight: number;
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
    const tensors = entries.flatMap(tensorsOf);
    if (tensors.length === 0) {
      this.dispose();
      return [];
    }
    const joined = tf.tidy(() => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1]))));
    this.dispose();
    const values = await joined.data();
    joined.dispose();
    let offset = 0;
    return entries.flatMap(({ step, weights, terms }) => {
      const count = weights instanceof tf.Tensor ? weights.size : weights.length;
      const next = () => values.subarray(offset, (offset += count));
      const columns = Object.keys(terms).map((name) => [name, next()] as const);
      const given = weights instanceof tf.Tensor ? next() : weights;
      return Array.from(given, (weight, index): ReadTerms => {
        const ofStep = columns.map(([name, column]) => [name, column[index]!] as const);
        return { step: step + index, weight, terms: Object.fromEntries(ofStep) };
      });
    });
  }

  /** Frees terms that were not read. */
  dispose(): void {
    tf.dispose(this.#entries.flatMap(tensorsOf));
    this.#entries = [];
  }
}

/** Tensors of an entry, in the order in which `read` takes them. */
function tensorsOf({ terms, weights }: WindowEntry): tf.Tensor[] {
  return [...Object.values(terms), ...(weights instanceof tf.Tensor ? [weights] : [])];
}
