import type { RandomStream } from '../random/random-stream.ts';
import { DatasetBatches, type BatchOptions, type BucketOptions, type MaybePromise } from './dataset-batches.ts';

export interface ShuffleOptions {
  /**
   * Size of the shuffle buffer. No item moves forward by more positions than this, so a file is still read nearly in
   * order. Default: all items.
   */
  readonly buffer?: number;
}

/** Properties of a dataset. */
interface Parts<T> {
  readonly length: number;
  readonly at: (index: number, epoch: number) => MaybePromise<T>;
  /** Whether the order of items changes with the epoch. */
  readonly isReordered?: boolean;
  /** Whether the value at an index changes with the epoch, by order or by noise. */
  readonly isRandom?: boolean;
}

/**
 * Dataset of items by index. `at(index, epoch)` is a pure function, so that training can resume anywhere and any number
 * of workers can create items in any order. Shuffling permutes indices instead of values. Access at any position costs
 * no more than the item itself.
 */
export class Dataset<T> {
  /** Number of items per epoch; Infinity for an endless dataset, which has only epoch 0. */
  readonly length: number;
  readonly #parts: Parts<T>;

  private constructor(parts: Parts<T>) {
    this.length = parts.length;
    this.#parts = parts;
  }

  /** Dataset of the elements of an array. */
  static from<T>(values: ArrayLike<T>): Dataset<T> {
    return new Dataset({ length: values.length, at: (index) => values[index]! });
  }

  /** Dataset of items read or computed by index, for example from a file. */
  static fromIndex<T>(length: number, at: (index: number) => MaybePromise<T>): Dataset<T> {
    checkCount('fromIndex', 'length', length, Infinity);
    return new Dataset({ length, at });
  }

  /**
   * Dataset of random items. Item i depends only on the stream and on i. `generate(Infinity, …)` never repeats a draw.
   * @param draw receives one stream per item
   */
  static generate<T>(
    length: number,
    random: RandomStream,
    draw: (random: RandomStream, index: number) => MaybePromise<T>,
  ): Dataset<T> {
    return Dataset.fromIndex(length, (index) => draw(random.fork(index), index));
  }

  /** Pairs of items at the same index. The length is that of the shorter dataset. */
  static zip<A, B>(first: Dataset<A>, second: Dataset<B>): Dataset<readonly [A, B]> {
    return new Dataset<readonly [A, B]>({
      ...combined(first.#parts, second.#parts),
      length: Math.min(first.length, second.length),
      at: (index, epoch) =>
        then(first.at(index, epoch), (a) => then(second.at(index, epoch), (b): readonly [A, B] => [a, b])),
    });
  }

  /** Item at an index. @throws RangeError where the index does not exist */
  at(index: number, epoch = 0): MaybePromise<T> {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`dataset: expected an index from 0 to ${this.length - 1}, got ${index}`);
    return this.#parts.at(index, epoch);
  }

  /** Items of one epoch, starting at index `first`. */
  async *items(epoch = 0, first = 0): AsyncGenerator<T> {
    for (let index = first; index < this.length; index++) yield await this.at(index, epoch);
  }

  /** All items of epoch 0. @throws RangeError where the dataset is endless */
  async toArray(): Promise<T[]> {
    this.#checkFinite('toArray');
    const items: T[] = [];
    for await (const item of this.items()) items.push(item);
    return items;
  }

  /**
   * Transforms each item.
   * @param random source of one stream per item and epoch, for random transforms such as augmentations
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
   * Items for which `keep` returns true. Checks every item once, immediately, so that indices and the length are known.
   * @throws RangeError where items differ between epochs, or the dataset is endless
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
   * Shuffles the items anew each epoch. The order depends only on the stream and the epoch number.
   * @throws RangeError where the dataset is endless: generated items are already in random order
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

  /** The first `count` items. */
  take(count: number): Dataset<T> {
    checkCount('take', 'count', count, Infinity);
    return new Dataset({ ...this.#parts, length: Math.min(count, this.length) });
  }

  /** All but the first `count` items. */
  skip(count: number): Dataset<T> {
    checkCount('skip', 'count', count, Number.MAX_SAFE_INTEGER);
    const parts = this.#parts;
    return new Dataset({
      ...parts,
      length: Math.max(0, this.length - count),
      at: (index, epoch) => parts.at(index + count, epoch),
    });
  }

  /** Repeats the items `times` times per epoch. Random values differ between repetitions. */
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

  /** These items, followed by those of `other`. */
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
   * Batches of a fixed number of items, with the named fields collated.
   * @throws RangeError where the options do not fit the dataset
   */
  batch<Name extends string>(
    this: Dataset<Readonly<Record<NoInfer<Name>, unknown>>>,
    options: BatchOptions<Name>,
  ): DatasetBatches<Name> {
    return DatasetBatches.ofSize(this, options);
  }

  /**
   * Batches of items of similar length, padded to the boundary of their bucket, which limits the number of shapes and
   * traces.
   * @throws RangeError where the options do not fit the dataset, or the order of items changes with the epoch (shuffle
   *   with `random` instead)
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

/** Applies `next` to a value, now or when its promise resolves. */
function then<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Source index of each shuffled position. */
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
