import { setTimeout } from 'node:timers';
import { UserError } from '@motley/run';
import type { DatasetBatches } from '../../../../data/dataset-batches.ts';
import { Dataset } from '../../../../data/dataset.ts';
import { RandomStream } from '../../../../random/random-stream.ts';

export interface FixtureOptions {
  readonly count: number;
  /** Index of the item that triggers the behavior under test. */
  readonly at?: number;
}

const fields = { values: { shape: [null], dtype: 'float32' }, index: { shape: [], dtype: 'int32' } } as const;

/** Batches that use every kind of randomness. Their lengths vary so much that they outgrow their buffers. */
export function noisy({ count }: FixtureOptions): DatasetBatches<'values' | 'index'> {
  const random = RandomStream.fromSeed(5);
  return Dataset.generate(count, random.fork('items'), (own, index) => ({ index, length: own.integers(1, 1, 99)[0]! }))
    .shuffle(random.fork('order'))
    .map(({ index, length }, own) => ({ index, values: own.normalValues(length) }), random.fork('noise'))
    .batch({ batchSize: 3, fields });
}

const plain = ({ count, at = count }: FixtureOptions, happening: () => void): DatasetBatches<'index'> =>
  Dataset.fromIndex(count, (index) => {
    if (index === at) happening();
    return { index };
  }).batch({ batchSize: 2, fields: { index: fields.index } });

export const throwing = (options: FixtureOptions): DatasetBatches<'index'> =>
  plain(options, function breakDown() {
    throw new TypeError('the item is broken');
  });

export const refusing = (options: FixtureOptions): DatasetBatches<'index'> =>
  plain(options, () => {
    throw new UserError('a.csv, row 3: expected a number, got "x"');
  });

export const exiting = (options: FixtureOptions): DatasetBatches<'index'> => plain(options, () => process.exit(3));

/** Fails in a timer, outside the code that makes items. */
export const crashing = (options: FixtureOptions): DatasetBatches<'index'> =>
  plain(options, () => {
    setTimeout(function blowUp() {
      throw new Error('out of the blue');
    });
  });

/** Never finishes the item. */
export const hanging = (options: FixtureOptions): DatasetBatches<'index'> =>
  plain(options, () => {
    for (;;);
  });

/** Counts started items in memory shared with the caller. */
export function counting({ count, begun }: FixtureOptions & { readonly begun: Int32Array }): DatasetBatches<'index'> {
  return Dataset.fromIndex(count, (index) => {
    Atomics.add(begun, 0, 1);
    Atomics.notify(begun, 0);
    return { index };
  }).batch({ batchSize: 1, fields: { index: fields.index } });
}

export function unready(): never {
  throw new UserError('no such folder');
}

export const NOT_A_FUNCTION = 1;
export const notBatches = (): number => 1;
