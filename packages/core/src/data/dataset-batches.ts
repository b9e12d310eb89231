import { UserError } from '@motley/run';
import type { BatchSource } from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random-stream.ts';
import { collate, toTensors, type Allocate, type FieldSpec, type HostBatch } from './collate.ts';

/** A value, or a promise of one. */
export type MaybePromise<T> = T | Promise<T>;

type Item<Name extends string> = Readonly<Record<Name, unknown>>;

/** Part of `Dataset` that its batches use. */
interface Items<T> {
  readonly length: number;
  at(index: number, epoch: number): MaybePromise<T>;
}

interface CommonOptions<Name extends string> {
  /** Fields to convert to tensors, and their formats. Other fields are left out. */
  readonly fields: Readonly<Record<Name, FieldSpec>>;
  /** Whether to drop incomplete batches. Default false. */
  readonly dropLast?: boolean;
  /** Number of batches to prefetch. Useful for items that load asynchronously. Default 0. */
  readonly prefetch?: number;
}

export interface BatchOptions<Name extends string> extends CommonOptions<Name> {
  readonly batchSize: number;
  /** Number of batches per epoch. Required for an endless dataset, refused for a finite one. */
  readonly batchesPerEpoch?: number;
  /** Rounds padded lengths up to a multiple of this, which limits the number of shapes and traces. Default 1. */
  readonly padToMultipleOf?: number;
}

export interface BucketOptions<Name extends string> extends CommonOptions<Name> {
  /** Batch size: one for all buckets, or one per boundary (smaller batches for longer items). */
  readonly batchSize: number | readonly number[];
  /** Length of each item of the dataset. */
  readonly lengths: ArrayLike<number>;
  /** Maximum length of each bucket, ascending. Items are padded to it. */
  readonly boundaries: readonly number[];
  /** Shuffles the items anew each epoch. Default: they keep their order. */
  readonly random?: RandomStream;
}

/** Items of a batch, and the length of its padded axes. */
interface Plan {
  readonly indices: readonly number[];
  /** Epoch of the dataset; always 0 for an endless one. */
  readonly epoch: number;
  readonly padTo: (longest: number) => number;
}

/** Batches of a dataset, created by `Dataset.batch` or `Dataset.bucketByLength`. */
export class DatasetBatches<Name extends string> implements BatchSource<Readonly<Record<Name, tf.Tensor>>> {
  readonly batchesPerEpoch: number;
  readonly #dataset: Items<Item<Name>>;
  readonly #fields: readonly (readonly [string, FieldSpec])[];
  readonly #prefetch: number;
  readonly #planOf: (epoch: number, batch: number) => Plan;

  private constructor(
    dataset: Items<Item<Name>>,
    { fields, prefetch = 0 }: CommonOptions<Name>,
    batchesPerEpoch: number,
    planOf: (epoch: number, batch: number) => Plan,
  ) {
    if (!Number.isSafeInteger(batchesPerEpoch) || batchesPerEpoch < 1)
      throw new RangeError(`batches: expected at least one whole batch in an epoch, got ${batchesPerEpoch}`);
    this.batchesPerEpoch = batchesPerEpoch;
    this.#dataset = dataset;
    this.#fields = Object.entries<FieldSpec>(fields);
    this.#prefetch = prefetch;
    this.#planOf = planOf;
  }

  static ofSize<Name extends string>(dataset: Items<Item<Name>>, options: BatchOptions<Name>): DatasetBatches<Name> {
    const { batchSize, dropLast = false, padToMultipleOf = 1 } = options;
    checkBatchSize(batchSize);
    const { length } = dataset;
    const isEndless = length === Infinity;
    if (isEndless !== (options.batchesPerEpoch !== undefined)) {
      const end = isEndless ? 'one without' : 'one with';
      throw new RangeError(`batches: batchesPerEpoch is for a dataset without an end, and needed there; got ${end}`);
    }
    const batchesPerEpoch =
      options.batchesPerEpoch ?? (dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize));
    const padTo = (longest: number): number => Math.ceil(longest / padToMultipleOf) * padToMultipleOf;
    return new DatasetBatches(dataset, options, batchesPerEpoch, (epoch, batch) => {
      const first = (isEndless ? epoch * batchesPerEpoch + batch : batch) * batchSize;
      const count = Math.min(batchSize, length - first);
      const indices = Array.from({ length: count }, (_, index) => first + index);
      return { indices, epoch: isEndless ? 0 : epoch, padTo };
    });
  }

  static ofBuckets<Name extends string>(
    dataset: Items<Item<Name>>,
    options: BucketOptions<Name>,
  ): DatasetBatches<Name> {
    const buckets = new Buckets(dataset.length, options);
    let last: { readonly epoch: number; readonly batches: readonly Bucketed[] } | undefined;
    return new DatasetBatches(dataset, options, buckets.batchesPerEpoch, (epoch, batch) => {
      if (last?.epoch !== epoch) last = { epoch, batches: buckets.batches(epoch) };
      const { indices, boundary } = last.batches[batch]!;
      return { indices, epoch, padTo: () => boundary };
    });
  }

  async *batches(epoch: number, firstBatch = 0): AsyncGenerator<Readonly<Record<Name, tf.Tensor>>> {
    const begun: MaybePromise<HostBatch>[] = [];
    for (let batch = firstBatch, next = firstBatch; batch < this.batchesPerEpoch; batch++) {
      for (; next <= Math.min(batch + this.#prefetch, this.batchesPerEpoch - 1); next++)
        begun.push(handled(this.hostBatch(epoch, next)));
      yield toTensors(await begun.shift()!) as Record<Name, tf.Tensor>;
    }
  }

  /**
   * Creates one batch before its conversion to tensors, as a worker does.
   * @param allocate allocates the buffer; default: new memory
   * @throws any error of creating an item, with the item named in its message
   */
  hostBatch(
    epoch: number,
    batch: number,
    allocate: Allocate = (bytes) => new ArrayBuffer(bytes),
  ): MaybePromise<HostBatch> {
    const plan = this.#planOf(epoch, batch);
    const make = (items: readonly Item<Name>[]): MaybePromise<HostBatch> =>
      naming(`batch ${batch} of epoch ${epoch}`, () => collate(items, this.#fields, plan.padTo, allocate));
    const items: readonly MaybePromise<Item<Name>>[] = plan.indices.map((index) =>
      naming(`item ${index} of epoch ${plan.epoch}`, () => this.#dataset.at(index, plan.epoch)),
    );
    return items.some((item) => item instanceof Promise)
      ? Promise.all(items.map((item) => Promise.resolve(item))).then(make)
      : make(items as readonly Item<Name>[]);
  }
}

interface Bucketed {
  readonly indices: readonly number[];
  readonly boundary: number;
}

/** Groups items by length. */
class Buckets {
  readonly batchesPerEpoch: number;
  readonly #options: BucketOptions<string>;
  /** Bucket of each item, by index. */
  readonly #bucketOf: Uint32Array;
  readonly #sizes: readonly number[];

  constructor(count: number, options: BucketOptions<string>) {
    const { lengths, boundaries, batchSize, dropLast = false } = options;
    if (lengths.length !== count)
      throw new RangeError(`bucketByLength: expected the lengths of ${count} items, got ${lengths.length}`);
    if (boundaries.some((boundary, index) => !(boundary > (boundaries[index - 1] ?? 0))))
      throw new RangeError(`bucketByLength: expected ascending boundaries, got ${boundaries.join(', ')}`);
    this.#options = options;
    this.#sizes = typeof batchSize === 'number' ? boundaries.map(() => batchSize) : batchSize;
    if (this.#sizes.length !== boundaries.length)
      throw new RangeError(
        `bucketByLength: expected a batch size for each of ${boundaries.length} boundaries, got ${this.#sizes.length}`,
      );
    for (const size of this.#sizes) checkBatchSize(size);
    this.#bucketOf = Uint32Array.from(lengths, (length, index) => {
      const bucket = boundaries.findIndex((boundary) => length <= boundary);
      if (bucket < 0)
        throw new RangeError(
          `bucketByLength, item ${index}: expected a length of at most ${boundaries.at(-1) ?? 0}, got ${length}`,
        );
      return bucket;
    });
    const counts = boundaries.map(() => 0);
    for (const bucket of this.#bucketOf) counts[bucket]!++;
    const round = dropLast ? Math.floor : Math.ceil;
    this.batchesPerEpoch = counts.reduce((sum, items, bucket) => sum + round(items / this.#sizes[bucket]!), 0);
  }

  /** Batches in the order in which their buckets fill up. Incomplete ones come last. */
  batches(epoch: number): Bucketed[] {
    const { boundaries, random, dropLast = false } = this.#options;
    const order = random?.fork(epoch).permutation(this.#bucketOf.length) ?? this.#bucketOf.keys();
    const waiting: number[][] = boundaries.map(() => []);
    const full: Bucketed[] = [];
    for (const index of order) {
      const bucket = this.#bucketOf[index]!;
      const indices = waiting[bucket]!;
      indices.push(index);
      if (indices.length < this.#sizes[bucket]!) continue;
      full.push({ indices, boundary: boundaries[bucket]! });
      waiting[bucket] = [];
    }
    const rest = waiting.map((indices, bucket) => ({ indices, boundary: boundaries[bucket]! }));
    return dropLast ? full : [...full, ...rest.filter(({ indices }) => indices.length > 0)];
  }
}

function checkBatchSize(batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RangeError(`batches: expected a batch size of at least 1, got ${batchSize}`);
}

/** Marks a promise as handled, so that a rejection that nobody awaits does not end the process. */
function handled<T>(value: MaybePromise<T>): MaybePromise<T> {
  if (value instanceof Promise) value.catch(() => undefined);
  return value;
}

/** Runs `make` and prefixes the message of any error with the place. */
function naming<T>(place: string, make: () => MaybePromise<T>): MaybePromise<T> {
  const fail = (error: unknown): never => {
    const message = `${place}: ${error instanceof Error ? error.message : String(error)}`;
    throw error instanceof UserError ? new UserError(message, { cause: error }) : new Error(message, { cause: error });
  };
  try {
    const made = make();
    return made instanceof Promise ? made.catch(fail) : made;
  } catch (error) {
    return fail(error);
  }
}
