import { setImmediate } from 'node:timers/promises';

const SLICE_IN_MS = 12;

/** Lets other work run between slices of a long task. */
export class Slices {
  #since = performance.now();

  /** Call it often: it waits only where the slice is over. */
  async pause(): Promise<void> {
    if (performance.now() - this.#since < SLICE_IN_MS) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
