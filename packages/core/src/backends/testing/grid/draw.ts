import { RandomNumbers } from '@motley/run';
import { gridTensor, sizeOf, type GridDtype, type GridNumbers } from './tensor.ts';

/** Values where kernels go wrong. */
export const SPECIAL_FLOATS = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  6,
  7,
  1e-3,
  88,
  -88,
  100,
  -100,
  1e10,
  -1e10,
] as const;
/** 2²⁴ + 1 is the first integer that float32 has not. */
export const SPECIAL_INTEGERS = [0, 1, -1, 2, -2, 3, 7, -7, 16_777_217, -16_777_217] as const;

/** Special values among others: sums of them are still exact. */
const DRAWN_SPECIALS = SPECIAL_FLOATS.filter((value) => !(Math.abs(value) > 100 && Number.isFinite(value)));
const LENGTHS = [1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 9] as const;

/** Random parts of a call. */
export class Draw {
  readonly #random: RandomNumbers;

  constructor(seed: number, kernel: string, index: number) {
    this.#random = RandomNumbers.fromSeed(seed).fork(kernel).fork(index);
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return this.#random.integers(1, low, high + 1)[0]!;
  }

  /** True in one of `of` draws. */
  rarely(of: number): boolean {
    return this.integer(1, of) === 1;
  }

  choose<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length - 1)]!;
  }

  list<T>(count: number, of: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => of(index));
  }

  /** Length of an axis: often 1, at times 0. */
  length(): number {
    return this.rarely(16) ? 0 : this.choose(LENGTHS);
  }

  shape(lowestRank = 0, highestRank = 4): number[] {
    return this.list(this.integer(lowestRank, highestRank), () => this.length());
  }

  /** A shape without an empty axis. */
  filledShape(lowestRank = 0, highestRank = 4): number[] {
    return this.list(this.integer(lowestRank, highestRank), () => this.choose(LENGTHS));
  }

  permutation(count: number): number[] {
    return [...this.#random.permutation(count)];
  }

  /** Two shapes that broadcast. */
  broadcastShapes(): [number[], number[]] {
    const whole = this.shape();
    const partOf = (): number[] => {
      const kept = whole.map((length) => (this.rarely(3) ? 1 : length));
      return kept.slice(this.rarely(3) ? this.integer(0, kept.length) : 0);
    };
    return this.rarely(2) ? [whole, partOf()] : [partOf(), whole];
  }

  /** Multiples of 1/64 in [-4, 4], one of eight a special value where `special` says so. */
  floats(shape: readonly number[], special = false): GridNumbers {
    const integers = this.#random.integers(sizeOf(shape), -256, 257);
    const values = Float32Array.from(integers, (value) => value / 64);
    if (special)
      for (let index = 0; index < values.length; index++)
        if (this.rarely(8)) values[index] = this.choose(DRAWN_SPECIALS);
    return gridTensor(shape, 'float32', values);
  }

  /** Distinct numbers in random order. */
  distinct(shape: readonly number[]): GridNumbers {
    const order = this.#random.permutation(sizeOf(shape));
    return gridTensor(
      shape,
      'float32',
      Float32Array.from(order, (place) => (place - order.length / 2) / 4),
    );
  }

  integers(shape: readonly number[], low = -9, high = 9): GridNumbers {
    return gridTensor(shape, 'int32', this.#random.integers(sizeOf(shape), low, high + 1));
  }

  booleans(shape: readonly number[]): GridNumbers {
    return gridTensor(shape, 'bool', Uint8Array.from(this.#random.integers(sizeOf(shape), 0, 2)));
  }

  /** Numbers of a dtype; special ones among floats in every other tensor. */
  numbers(shape: readonly number[], dtype: GridDtype): GridNumbers {
    if (dtype === 'bool') return this.booleans(shape);
    return dtype === 'int32' ? this.integers(shape) : this.floats(shape, this.rarely(2));
  }

  dtype(): GridDtype {
    return this.choose(['float32', 'float32', 'int32', 'bool'] as const);
  }
}
