import type { Learner } from './learner.ts';

/**
 * Source of batches. The order within an epoch depends on the epoch number alone, so training can resume from any
 * position.
 */
export interface BatchSource<Batch> {
  readonly batchesPerEpoch: number;
  /** Batches of one epoch (the first is 0) from `firstBatch` on. The caller owns them. */
  batches(epoch: number, firstBatch?: number): AsyncIterable<Batch> | Iterable<Batch>;
}

export interface CallOptions {
  /** Batches per update. The last update of an epoch may have fewer. */
  readonly accumulationSteps: number;
  /** Total number of batches to take. */
  readonly batches: number;
  /** Number of updates that the next call may make. Called before each call of `update`. */
  readonly stepsWanted: () => number;
}

/** Groups the batches of an epoch into calls of `update`. All batches of a call have the same shapes. */
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
