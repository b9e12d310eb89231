import type { Learner } from './learner.ts';

/**
 * Source of a training's batches. The order within an epoch depends on the epoch's number alone, so a training can go on
 * from any position.
 */
export interface BatchSource<Batch> {
  readonly batchesPerEpoch: number;
  /** Batches of one epoch (the first is 0) from `firstBatch` on. The receiver disposes of them. */
  batches(epoch: number, firstBatch?: number): AsyncIterable<Batch> | Iterable<Batch>;
}

export interface CallOptions {
  /** Batches of one update; the last update of an epoch may have fewer. */
  readonly accumulationSteps: number;
  /** Batches to take in all. */
  readonly batches: number;
  /** Updates that the next call may make; asked before each. */
  readonly stepsWanted: () => number;
}

/** An epoch's batches, as many at a time as one call of `update` takes; all of a call have the same shapes. */
export async function* batchesOfCalls<Batch>(
  source: AsyncIterable<Batch> | Iterable<Batch>,
  { accumulationSteps, batches, stepsWanted }: CallOptions,
  learner: Pick<Learner<Batch>, 'shapeOf' | 'discard'>,
): AsyncGenerator<Batch[]> {
  const iterator = asyncIteratorOf(source);
  let left = batches;
  let held: Batch | undefined;
  const next = async (): Promise<Batch | undefined> => {
    if (held !== undefined || left === 0) return held;
    const result = await iterator.next();
    if (result.done === true) return undefined;
    left--;
    return result.value;
  };
  try {
    for (;;) {
      const wanted = accumulationSteps > 1 ? accumulationSteps : stepsWanted();
      const taken: Batch[] = [];
      for (let batch = await next(); batch !== undefined; batch = await next()) {
        held = batch;
        const hasOtherShape = taken.length > 0 && learner.shapeOf?.(batch) !== learner.shapeOf?.(taken[0]!);
        if (accumulationSteps === 1 && hasOtherShape) break;
        held = undefined;
        taken.push(batch);
        if (taken.length === wanted) break;
      }
      if (taken.length === 0) return;
      yield taken;
    }
  } finally {
    if (held !== undefined) learner.discard?.(held);
    await iterator.return(undefined);
  }
}

async function* asyncIteratorOf<Batch>(source: AsyncIterable<Batch> | Iterable<Batch>): AsyncGenerator<Batch> {
  yield* source;
}
