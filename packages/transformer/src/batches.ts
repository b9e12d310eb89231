import { Dataset, type RandomStream } from '@motley/core';
import { UserError, type BatchSource } from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import type { Frame } from './decoding/beam-search.ts';
import type { Example, Task } from './playground/tasks.ts';

/** Symbols of a bucket's batch for each pair of `training.batchSize`. */
export const SYMBOLS_PER_PAIR = 16;

/** A batch of pairs: `input` is the target behind its begin, `target` the same before its end; int32 [B, S] or [B, T]. */
export type PairBatch = Readonly<Record<'source' | 'input' | 'target', tf.Tensor>>;

const FIELD = { shape: [null], dtype: 'int32' } as const;
/** A pair's sides, each padded to the longest of its batch. */
export const PAIR_FIELDS = { source: FIELD, input: FIELD, target: FIELD };

/** An example as the network reads it. */
export function framed({ source, target }: Example, { begin, end }: Frame) {
  return { source: [...source, end], input: [begin, ...target], target: [...target, end] };
}

/** Of the longer side, its end among them. */
export function lengthOf({ source, target }: Example): number {
  return Math.max(source.length, target.length) + 1;
}

/**
 * Batches of about as many symbols each, of pairs of about the same length: shapes are few, so that few are traced. With
 * `random` an epoch is shuffled and of whole batches: what is left over comes in another.
 * @param boundaries longest lengths of the buckets, ascending
 * @throws UserError where the pairs make no whole batch
 */
export function bucketedBatches(
  pairs: readonly Example[],
  frame: Frame,
  {
    boundaries,
    symbolsPerBatch,
    random,
  }: { readonly boundaries: readonly number[]; readonly symbolsPerBatch: number; readonly random?: RandomStream },
): BatchSource<PairBatch> {
  const lengths = pairs.map((pair) => lengthOf(pair));
  const batchSize = boundaries.map((boundary) => Math.max(1, Math.floor(symbolsPerBatch / boundary)));
  const counts = boundaries.map(() => 0);
  for (const length of lengths) counts[boundaries.findIndex((boundary) => length <= boundary)]!++;
  if (random !== undefined && counts.every((count, bucket) => count < batchSize[bucket]!))
    throw new UserError(
      `training pairs: expected a whole batch (training.batchSize) of some length, found ${pairs.length} pairs, ` +
        `${counts.join(', ')} in the buckets, of whose batches each has ${batchSize.join(', ')}`,
    );
  return Dataset.from(pairs.map((pair) => framed(pair, frame))).bucketByLength({
    fields: PAIR_FIELDS,
    lengths,
    boundaries,
    batchSize,
    ...(random !== undefined && { random, dropLast: true }),
  });
}

/** Examples of a task without an end, of lengths drawn evenly from 1 to `maxLength`; all batches have one shape. */
export function taskBatches(
  task: Task,
  frame: Frame,
  options: {
    readonly maxLength: number;
    readonly batchSize: number;
    readonly batchesPerEpoch: number;
    readonly random: RandomStream;
  },
): BatchSource<PairBatch> {
  const { maxLength, random, ...batching } = options;
  const longest = framed(task.example(random.fork('longest'), maxLength), frame);
  const examples = Dataset.generate(Infinity, random.fork('examples'), (own) =>
    framed(task.example(own, own.integers(1, 1, maxLength + 1)[0]!), frame),
  );
  const multiple = Math.max(longest.source.length, longest.target.length);
  return examples.batch({ ...batching, fields: PAIR_FIELDS, padToMultipleOf: multiple });
}
