import * as tf from '@tensorflow/tfjs-core';
import type { Batch, BatchSource } from '../data/batches.ts';

export interface GroupingOptions {
  /** Batches of one update; the last of an epoch may have fewer. */
  readonly accumulationSteps: number;
  /** Batches to take in all. */
  readonly batches: number;
  /** How many updates the next call may make; asked before each. */
  readonly groupsWanted: () => number;
}

/** An epoch's batches as calls take them: groups for one update each, all groups of a call of the same shapes. */
export async function* groupBatches<Item extends Batch>(
  source: AsyncIterable<Item>,
  { accumulationSteps, batches, groupsWanted }: GroupingOptions,
): AsyncGenerator<Item[][]> {
  const iterator = source[Symbol.asyncIterator]();
  let left = batches;
  let held: Item[] | undefined;
  const takeGroup = async (): Promise<Item[]> => {
    const group: Item[] = [];
    while (group.length < accumulationSteps && left > 0) {
      const next = await iterator.next();
      if (next.done === true) left = 0;
      else {
        group.push(next.value);
        left--;
      }
    }
    return group;
  };
  try {
    for (;;) {
      const wanted = groupsWanted();
      const groups: Item[][] = [];
      while (groups.length < wanted) {
        const group: Item[] = held ?? (await takeGroup());
        held = undefined;
        if (group.length === 0) break;
        if (groups.length > 0 && shapesOf(group) !== shapesOf(groups[0]!)) {
          held = group;
          break;
        }
        groups.push(group);
      }
      if (groups.length === 0) return;
      yield groups;
    }
  } finally {
    for (const batch of held ?? []) tf.dispose(batch);
    await iterator.return?.();
  }
}

function shapesOf(group: readonly Batch[]): string {
  return group.map((batch) => Object.values(batch).map(({ shape, dtype }) => `${dtype}${shape.join()}`)).join(';');
}

/** The first batch of another source, again and again: what a model that is put together right learns by heart. */
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
