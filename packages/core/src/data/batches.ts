import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random-stream.ts';
import { requireBelow } from './collate.ts';

/** Batch: tensors by name, whose first axis counts the examples. */
export type Batch = Readonly<Record<string, tf.Tensor>>;

/** Number of examples in a batch. */
export function examplesOf(batch: Batch): number {
  return Object.values(batch)[0]?.shape[0] ?? 0;
}

/**
 * Number of what a mean over a batch averages, such as the symbols that are not padding, or the sum of its weights: a
 * float32 scalar.
 */
export type WeightOf<Item extends Batch> = (batch: Item) => tf.Tensor;

/** One field of all examples, as a single array. */
export interface ArrayField {
  /** Values of all examples. In batches, bytes and floats become float32, integers int32. */
  readonly values: Uint8Array | Float32Array | Int32Array;
  /** Shape of one example's value; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** Divisor of the values. 255 scales bytes to [0, 1]. Default 1. */
  readonly divisor?: number;
  /** Exclusive upper limit of integers: a number of classes, or the size of a vocabulary. Default: none. */
  readonly below?: number;
}

export interface ArrayBatchesOptions {
  readonly batchSize: number;
  /** Shuffles the examples anew each epoch. Default: they keep their order. */
  readonly random?: RandomStream;
  /** Whether to drop an incomplete last batch. Default false. */
  readonly dropLast?: boolean;
}

/** Batches from arrays in memory. */
export class ArrayBatches<Name extends string> implements BatchSource<Readonly<Record<Name, tf.Tensor>>> {
  readonly exampleCount: number;
  readonly batchesPerEpoch: number;
  readonly #fields: readonly (readonly [Name, ArrayField])[];
  readonly #options: ArrayBatchesOptions;

  /** @throws RangeError where fields differ in length, there is not one full batch, or a value is not in [0, below) */
  constructor(fields: Readonly<Record<Name, ArrayField>>, options: ArrayBatchesOptions) {
    this.#fields = Object.entries(fields) as [Name, ArrayField][];
    this.#options = options;
    const { batchSize, dropLast = false } = options;
    const counts = this.#fields.map(([, { values, shape }]) => values.length / tf.util.sizeFromShape([...shape]));
    const [count = 0] = counts;
    if (!Number.isInteger(count) || counts.some((other) => other !== count))
      throw new RangeError(`batches: expected as many examples in every field, got ${this.#described(counts)}`);
    if (!Number.isInteger(batchSize) || batchSize < 1)
      throw new RangeError(`batches: expected a batch size of at least 1, got ${batchSize}`);
    for (const [name, { values, below }] of this.#fields)
      if (below !== undefined) requireBelow(values, below, `batches: field "${name}"`);
    this.exampleCount = count;
    this.batchesPerEpoch = dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
    if (this.batchesPerEpoch === 0)
      throw new RangeError(`batches: expected at least one batch of ${batchSize}, got ${count} examples`);
  }

  async *batches(epoch: number, firstBatch = 0): AsyncGenerator<Readonly<Record<Name, tf.Tensor>>> {
    const { batchSize, random } = this.#options;
    const order = random?.fork(epoch).permutation(this.exampleCount);
    for (let batch = firstBatch; batch < this.batchesPerEpoch; batch++) {
      const first = batch * batchSize;
      const count = Math.min(batchSize, this.exampleCount - first);
      const examples = Array.from({ length: count }, (_, index) => order?.[first + index] ?? first + index);
      const tensors = this.#fields.map(([name, field]) => [name, gather(field, examples)]);
      yield Promise.resolve(Object.fromEntries(tensors) as Record<Name, tf.Tensor>);
    }
  }

  #described(counts: readonly number[]): string {
    return this.#fields.map(([name], index) => `${name} ${counts[index]!}`).join(', ');
  }
}

function gather({ values, shape, divisor = 1 }: ArrayField, examples: readonly number[]): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  const integers = values instanceof Int32Array;
  const output = integers ? new Int32Array(examples.length * size) : new Float32Array(examples.length * size);
  for (const [row, example] of examples.entries())
    output.set(values.subarray(example * size, (example + 1) * size), row * size);
  if (divisor !== 1) for (let index = 0; index < output.length; index++) output[index]! /= divisor;
  return tf.tensor(output, [examples.length, ...shape], integers ? 'int32' : 'float32');
}
