import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/batches.ts';

/** Repeats the first batch of another source. A correctly wired network overfits it. */
export class FirstBatchAgain<Item extends Batch> implements BatchSource<Item> {
  readonly batchesPerEpoch: number;
  readonly #source: BatchSource<Item>;

  constructor(source: BatchSource<Item>) {
    this.#source = source;
    this.batchesPerEpoch = source.batchesPerEpoch;
  }

  async *batches(_epoch: number, firstBatch = 0): AsyncGenerator<Item> {
    for await (const batch of this.#source.batches(0)) {
      try {
        for (let index = firstBatch; index < this.batchesPerEpoch; index++) {
          const entries = Object.entries(batch).map(([name, value]) => [name, tf.clone(value)] as const);
          yield Object.fromEntries(entries) as unknown as Item;
        }
      } finally {
        tf.dispose(batch);
      }
      return;
    }
  }
}
