import { UserError } from '../config/errors.ts';

/** Most that a reader may spend on one file. */
export interface BudgetLimits {
  /** Values that it may visit. */
  readonly steps: number;
  /** Memory of its result, in bytes. */
  readonly bytes: number;
  /** Levels of nested values. */
  readonly depth: number;
}

/** Memory and steps per byte of a file. Lists of pairs of numbers need 14; most files need less than half. */
const GROWTH = 16;
const LEAST_STEPS = 1_000_000;
const LEAST_BYTES = 64 * 2 ** 20;
/** Below the heap of Node, whose end would end the process. */
const MOST_HEAP_BYTES = 2 ** 31;
const DEPTH = 64;

/** Estimated memory of one value, in bytes. */
export const BYTES_OF_VALUE = Object.freeze({ element: 16, list: 48, map: 256 });

/**
 * Account of a reader's work on a file from outside. A small file may describe endless work: references that
 * double, shapes of any size, values nested without end. Readers count each of these here before they do it.
 */
export class Budget {
  readonly #where: string;
  readonly #expected: string;
  readonly #limits: BudgetLimits;
  #steps = 0;
  #bytes = 0;

  /**
   * Opens a budget.
   * @param where the file's name, for messages
   * @param expected the content, for messages: `tensors`
   */
  constructor(where: string, expected: string, limits: BudgetLimits) {
    this.#where = where;
    this.#expected = expected;
    this.#limits = limits;
  }

  /**
   * Opens a budget in proportion to a file's size.
   * @param fileBytes size of the file
   * @param most limit of the memory for files of any size. Default none
   */
  static forFile(where: string, expected: string, fileBytes: number, most = Infinity): Budget {
    return new Budget(where, expected, {
      steps: Math.max(LEAST_STEPS, GROWTH * fileBytes),
      bytes: Math.min(most, Math.max(LEAST_BYTES, GROWTH * fileBytes)),
      depth: DEPTH,
    });
  }

  /**
   * Opens a budget for values on JavaScript's heap, which is smaller than the memory for typed arrays.
   * @param fileBytes size of the file
   */
  static forHeap(where: string, expected: string, fileBytes: number): Budget {
    return Budget.forFile(where, expected, fileBytes, MOST_HEAP_BYTES);
  }

  /** Counts visited values. @throws UserError beyond the limit */
  step(count = 1): void {
    this.#steps += count;
    if (!(this.#steps <= this.#limits.steps))
      throw this.#error(`in proportion to the file: at most ${this.#limits.steps} steps of work`);
  }

  /** Counts memory. @throws UserError beyond the limit, and for NaN */
  hold(bytes: number): void {
    this.#bytes += bytes;
    if (!(this.#bytes <= this.#limits.bytes))
      throw this.#error(`in proportion to the file: at most ${this.#limits.bytes} bytes`);
  }

  /** Checks a level of nesting; the outermost is 0. @throws UserError beyond the limit */
  descend(level: number): void {
    if (level > this.#limits.depth) throw this.#error(`nested at most ${this.#limits.depth} levels deep`);
  }

  #error(limit: string): UserError {
    return new UserError(`${this.#where}: expected ${this.#expected} ${limit}, found more`);
  }
}
