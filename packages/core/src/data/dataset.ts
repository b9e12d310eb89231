import type { RandomStream } from '../random/random-stream.ts';
import { DatasetBatches, type BatchOptions, type BucketOptions, type MaybePromise } from './dataset-batches.ts';

export interface ShuffleOptions {
  /**
   * How many items are waiting to be drawn from at a time, as a stream would be shuffled: an item comes at most this
   * many places early, so that a file is still read nearly in order. By default all are.
   */
  readonly buffer?: number;
}

/** What a dataset is made of. */
interface Parts<T> {
  readonly length: number;
  readonly at: (index: number, epoch: number) => MaybePromise<T>;
  /** Whether a place holds another item in each epoch. */
  readonly isReordered?: boolean;
  /** Whether a place's value changes with the epoch, by order or by noise. */
  readonly isRandom?: boolean;
}

/**
 * Items by their place: `at(index, epoch)` depends on nothing but its arguments, so that any position of a training can
 * be gone back to, and items can be made in any order by any number of workers. Orders are shuffled, not values: going
 * to a place costs no more than the item there.
 */
export class Dataset<T> {
  /** Items in an epoch; Infinity where there is no end, and then there is only epoch 0. */
  readonly length: number;
  readonly #parts: Parts<T>;

  private constructor(parts: Parts<T>) {
    this.length = parts.length;
    this.#parts = parts;
  }

  /** The elements of an array. */
  static from<T>(values: ArrayLike<T>): Dataset<T> {
    return new Dataset({ length: values.length, at: (index) => values[index]! });
  }

  /** Items read or computed by their index, a file's for instance. */
  static fromIndex<T>(length: number, at: (index: number) => MaybePromise<T>): Dataset<T> {
    checkCount('fromIndex', 'length', length, Infinity);
    return new Dataset({ length, at });
  }

  /**
   * Items drawn at random: item i is a function of the stream and of i. `generate(Infinity, …)` never repeats one.
   * @param draw is given a stream of the item's own
   */
  static generate<T>(
    length: number,
    random: RandomStream,
    draw: (random: RandomStream, index: number) => MaybePromise<T>,
  ): Dataset<T> {
    return Dataset.fromIndex(length, (index) => draw(random.fork(index), index));
  }

  /** Pairs of the items at the same place, as many as the shorter has. */
  static zip<A, B>(first: Dataset<A>, second: Dataset<B>): Dataset<readonly [A, B]> {
    return new Dataset<readonly [A, B]>({
      ...combined(first.#parts, second.#parts),
      length: Math.min(first.length, second.length),
      at: (index, epoch) =>
        then(first.at(index, epoch), (a) => then(second.at(index, epoch), (b): readonly [A, B] => [a, b])),
    });
  }

  /** @throws RangeError where there is no such place */
  at(index: number, epoch = 0): MaybePromise<T> {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`dataset: expected an index from 0 to ${this.length - 1}, got ${index}`);
    return this.#parts.at(index, epoch);
  }

  /** The items of one epoch, from `first` on. */
  async *items(epoch = 0, first = 0): AsyncGenerator<T> {
    for (let index = first; index < this.length; index++) yield await this.at(index, epoch);
  }

  /** Every item of the first epoch. @throws RangeError where there is no end */
  async toArray(): Promise<T[]> {
    this.#checkFinite('toArray');
    const items: T[] = [];
    for await (const item of this.items()) items.push(item);
    return items;
  }

  /**
   * Each item transformed.
   * @param random where given, the transform gets a stream of the item's own, another in each epoch (augmentation)
   */
  map<U>(transform: (item: T) => MaybePromise<U>): Dataset<U>;
  map<U>(transform: (item: T, random: RandomStream) => MaybePromise<U>, random: RandomStream): Dataset<U>;
  map<U>(transform: (item: T, random: RandomStream) => MaybePromise<U>, random?: RandomStream): Dataset<U> {
    const parts = this.#parts;
    if (random === undefined) {
      const plain = transform as (item: T) => MaybePromise<U>;
      return new Dataset({ ...parts, at: (index, epoch) => then(parts.at(index, epoch), plain) });
    }
    const ofEpoch = rememberLast((epoch) => random.fork(epoch));
    return new Dataset({
      ...parts,
      isRandom: true,
      at: (index, epoch) => then(parts.at(index, epoch), (item) => transform(item, ofEpoch(epoch).fork(index))),
    });
  }

  /**
   * The items that `keep` says yes to. Every item is looked at once, here, so that places and lengths are known after.
   * @throws RangeError where items differ from epoch to epoch, or have no end
   */
  async filter(keep: (item: T) => MaybePromise<boolean>): Promise<Dataset<T>> {
    this.#checkFinite('filter');
    const parts = this.#parts;
    if (parts.isRandom)
      throw new RangeError('filter: expected the same items in every epoch; filter before shuffling and augmenting');
    const kept: number[] = [];
    for (let index = 0; index < this.length; index++) if (await keep(await parts.at(index, 0))) kept.push(index);
    return new Dataset({ ...parts, length: kept.length, at: (index, epoch) => parts.at(kept[index]!, epoch) });
  }

  /**
   * Another order in each epoch, from the stream and the epoch's number.
   * @throws RangeError where there is no end: generated items are in random order already
   */
  shuffle(random: RandomStream, { buffer = Math.max(1, this.length) }: ShuffleOptions = {}): Dataset<T> {
    this.#checkFinite('shuffle');
    const { length } = this;
    checkCount('shuffle', 'buffer', buffer, Number.MAX_SAFE_INTEGER, 1);
    const orderOf = rememberLast((epoch) => shuffledOrder(random.fork(epoch), length, buffer));
    const parts = this.#parts;
    return new Dataset({
      length,
      isReordered: true,
      isRandom: true,
      at: (index, epoch) => parts.at(orderOf(epoch)[index]!, epoch),
    });
  }

  /** The first items alone. */
  take(count: number): Dataset<T> {
    checkCount('take', 'count', count, Infinity);
    return new Dataset({ ...this.#parts, length: Math.min(count, this.length) });
  }

  /** All but the first items. */
  skip(count: number): Dataset<T> {
    checkCount('skip', 'count', count, Number.MAX_SAFE_INTEGER);
    const parts = this.#parts;
    return new Dataset({
      ...parts,
      length: Math.max(0, this.length - count),
      at: (index, epoch) => parts.at(index + count, epoch),
    });
  }

  /** The items over and over, `times` in an epoch; what is random is so in each repetition anew. */
  repeat(times = Infinity): Dataset<T> {
    checkCount('repeat', 'times', times, Infinity);
    this.#checkFinite('repeat');
    const { length } = this;
    const parts = this.#parts;
    const rounds = Number.isFinite(times) ? times : 0;
    return new Dataset({
      ...parts,
      length: length === 0 ? 0 : length * times,
      at: (index, epoch) => parts.at(index % length, epoch * rounds + Math.floor(index / length)),
    });
  }

  /** These items and then those. */
  concat(other: Dataset<T>): Dataset<T> {
    this.#checkFinite('concat');
    const { length } = this;
    return new Dataset({
      ...combined(this.#parts, other.#parts),
      length: length + other.length,
      at: (index, epoch) => (index < length ? this.at(index, epoch) : other.at(index - length, epoch)),
    });
  }

  /**
   * Batches of so many items each, the named fields of each item side by side.
   * @throws RangeError where the options do not fit
   */
  batch<Name extends string>(
    this: Dataset<Readonly<Record<NoInfer<Name>, unknown>>>,
    options: BatchOptions<Name>,
  ): DatasetBatches<Name> {
    return DatasetBatches.ofSize(this, options);
  }

  /**
   * Batches of items of similar length, padded to their bucket's boundary: few shapes, so few traces.
   * @throws RangeError where the options do not fit, or the items are in another order in each epoch: `random` is what
   *   shuffles them
   */
  bucketByLength<Name extends string>(
    this: Dataset<Readonly<Record<NoInfer<Name>, unknown>>>,
    options: BucketOptions<Name>,
  ): DatasetBatches<Name> {
    this.#checkFinite('bucketByLength');
    if (this.#parts.isReordered)
      throw new RangeError('bucketByLength: expected items in one order; pass `random` instead of shuffling before');
    return DatasetBatches.ofBuckets(this, options);
  }

  #checkFinite(operation: string): void {
    if (!Number.isFinite(this.length))
      throw new RangeError(`${operation}: expected a dataset with an end; take(count) gives it one`);
  }
}

function combined(a: Parts<unknown>, b: Parts<unknown>): Pick<Parts<unknown>, 'isReordered' | 'isRandom'> {
  return {
    isReordered: (a.isReordered ?? false) || (b.isReordered ?? false),
    isRandom: (a.isRandom ?? false) || (b.isRandom ?? false),
  };
}

/** `next` of a value now where it is there, later where it is promised. */
function then<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Where a shuffle takes each place's item from. */
function shuffledOrder(random: RandomStream, length: number, buffer: number): Uint32Array {
  if (buffer >= length) return random.permutation(length);
  const waiting = Uint32Array.from({ length: buffer }, (_, index) => index);
  const draws = random.uniformValues(length);
  let count = buffer;
  return Uint32Array.from(draws, (draw, place) => {
    const drawn = Math.floor(draw * count);
    const index = waiting[drawn]!;
    waiting[drawn] = buffer + place < length ? buffer + place : waiting[--count]!;
    return index;
  });
}

function rememberLast<T>(make: (epoch: number) => T): (epoch: number) => T {
  let last: { readonly epoch: number; readonly value: T } | undefined;
  return (epoch) => {
    if (last?.epoch !== epoch) last = { epoch, value: make(epoch) };
    return last.value;
  };
}

function checkCount(operation: string, name: string, value: number, most: number, least = 0): void {
  if (value === Infinity && most === Infinity) return;
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${operation}: expected ${name} to be an integer of at least ${least}, got ${value}`);
}
