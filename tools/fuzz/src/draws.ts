import { RandomNumbers } from '@motley/run';

/** Draws of one mutant. The same names give the same draws. */
export class Draws {
  readonly #random: RandomNumbers;

  constructor(seed: number, ...names: readonly (string | number)[]) {
    this.#random = names.reduce<RandomNumbers>((random, name) => random.fork(name), RandomNumbers.fromSeed(seed));
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.#random.words(1)[0]! % Math.max(1, limit);
  }

  /** Whether something happens that does so once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}
