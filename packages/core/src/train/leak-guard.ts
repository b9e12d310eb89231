import * as tf from '@tensorflow/tfjs-core';
import { userLine, withDeepStacks } from './user-line.ts';

/** The number of tensors grows from step to step: a leak. */
export class TensorLeakError extends Error {
  override readonly name = 'TensorLeakError';
}

/** Minimum number of steps between two counts, so that a filling queue of batches is not reported. */
const STEPS_BETWEEN_COUNTS = 20;
/** Number of consecutive increases of the count that start an investigation. */
const GROWTHS_SUSPECTED = 3;

/** Method of tfjs's engine that is called for each new tensor. Its types omit it. */
interface TrackingEngine {
  trackTensor(tensor: tf.Tensor, backend: unknown): void;
}

/**
 * Detects tensor leaks: counts tensors between steps and, where they keep growing, finds the lines that create them.
 */
export class LeakGuard {
  #step: number;
  #count = tf.memory().numTensors;
  #growths = 0;
  #trace: TensorTrace | undefined;

  /** @param step first step to count from */
  constructor(step: number) {
    this.#step = step;
  }

  /**
   * Compares the tensor count with the last one. Call it between steps, when no work is in progress.
   * @throws TensorLeakError naming the line that made most of the leaked tensors
   */
  check(step: number): void {
    const steps = step - this.#step;
    if (steps < STEPS_BETWEEN_COUNTS) return;
    const count = tf.memory().numTensors;
    const growth = count - this.#count;
    this.#step = step;
    this.#count = count;
    this.#growths = growth > 0 ? this.#growths + 1 : 0;
    const found = this.#trace?.end();
    this.#trace = undefined;
    if (growth > 0 && found !== undefined) {
      const each = Number((growth / steps).toPrecision(2));
      throw new TensorLeakError(
        `memory: ${each} more tensors stay after each step (${count} by step ${step}), most made at ${found}: ` +
          'dispose of them, or make them inside tf.tidy',
      );
    }
    if (this.#growths >= GROWTHS_SUSPECTED) this.#trace = new TensorTrace();
  }

  dispose(): void {
    this.#trace?.end();
  }
}

/** Records where each tensor is created, from construction to `end`. */
class TensorTrace {
  readonly #made: { readonly tensor: tf.Tensor; readonly stack: string | undefined }[] = [];

  constructor() {
    const engine = tf.engine() as unknown as TrackingEngine;
    const trackTensor = engine.trackTensor.bind(engine);
    // An own property shadows the method of the class; `end` deletes it.
    engine.trackTensor = (tensor, backend) => {
      this.#made.push({ tensor, stack: withDeepStacks(() => new Error().stack) });
      trackTensor(tensor, backend);
    };
  }

  /** Line that made most of the surviving tensors; undefined where none survive. */
  end(): string | undefined {
    delete (tf.engine() as unknown as Partial<TrackingEngine>).trackTensor;
    const lines = new Map<string, number>();
    for (const { tensor, stack } of this.#made) {
      if (tensor.isDisposed) continue;
      const line = userLine(stack) ?? 'an unknown line';
      lines.set(line, (lines.get(line) ?? 0) + 1);
    }
    return [...lines].sort(([, a], [, b]) => b - a)[0]?.[0];
  }
}
