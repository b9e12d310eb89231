import { Dataset, type RandomStream } from '@motley/core';
import { UserError, type BatchSource } from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import type { Frame } from './decoding/beam-search.ts';
import type { Example, Task } from './playground/tasks.ts';

/** Symbols in a batch for each pair of `training.batchSize`. */
export const SYMBOLS_PER_PAIR = 16;

/** A batch of pairs: `source` [B, S], `input` [B, T] (begin symbol first), `target` [B, T] (end symbol last), int32. */
export type PairBatch = Readonly<Record<'source' | 'input' | 'target', tf.Tensor>>;

const FIELD = { shape: [null], dtype: 'int32' } as const;
/** Fields of a pair, each padded to the longest of the batch. */
export const PAIR_FIELDS = { source: FIELD, input: FIELD, target: FIELD };

/** Adds the begin and end symbols that the network expects. */
export function framed({ source, target }: Example, { begin, end }: Frame) {
  return { source: [...source, end], input: [begin, ...target], target: [...target, end] };
}

/** Length of the longer side in symbols, with the end symbol. */
export function lengthOf({ source, target }: Example): number {
  return Math.max(source.length, target.length) + 1;
}

/**
 * Batches of pairs of similar length, with about the same number of symbols each. Few shapes occur, so few graphs are
 * traced. With `random` each epoch is shuffled, and incomplete batches are dropped.
 * @param boundaries maximum length of each bucket, ascending
 * @throws UserError where no bucket has enough pairs for a batch
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
      `training pairs: expected a whole batch (training.batchSize) in some bucket, found ${pairs.length} pairs: ` +
        `${counts.join(', ')} in the buckets, whose batch sizes are ${batchSize.join(', ')}`,
    );
  return Dataset.from(pairs.map((pair) => framed(pair, frame))).bucketByLength({
    fields: PAIR_FIELDS,
    lengths,
    boundaries,
    batchSize,
    ...(random !== undefined && { random, dropLast: true }),
  });
}

/** Endless examples of a task, with lengths uniform on 1 to `maxLength`; all batches have the same shape. */
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
