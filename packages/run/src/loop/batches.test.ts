import { describe, expect, it } from 'vitest';
import { batchesOfCalls, type CallOptions } from './batches.ts';

const options: CallOptions = { accumulationSteps: 1, batches: Infinity, stepsWanted: () => 3 };
const bySize = { shapeOf: (batch: string) => String(batch.length) };

async function all<Batch>(calls: AsyncIterable<Batch[]>): Promise<Batch[][]> {
  const found: Batch[][] = [];
  for await (const call of calls) found.push(call);
  return found;
}

describe('batchesOfCalls', () => {
  it('gives a call as many batches as it makes updates, and asks before each call', async () => {
    const wanted = [2, 1, 3];
    const calls = batchesOfCalls('abcdefg', { ...options, stepsWanted: () => wanted.shift() ?? 9 }, {});
    expect((await all(calls)).map((call) => call.join(''))).toEqual(['ab', 'c', 'def', 'g']);
  });

  it('puts batches of different shapes into different calls, in order', async () => {
    const calls = await all(batchesOfCalls(['a', 'b', 'cc', 'd', 'ee', 'ff', 'gg', 'hh', 'i'], options, bySize));
    expect(calls).toEqual([['a', 'b'], ['cc'], ['d'], ['ee', 'ff', 'gg'], ['hh'], ['i']]);
  });

  it('groups the accumulated batches of an update, whatever their shapes', async () => {
    const stepsWanted = (): number => {
      throw new Error('one update a call');
    };
    const calls = batchesOfCalls(['a', 'bb', 'c', 'd'], { ...options, accumulationSteps: 3, stepsWanted }, bySize);
    expect(await all(calls)).toEqual([['a', 'bb', 'c'], ['d']]);
  });

  it('takes no more batches than requested, and closes the source', async () => {
    const taken: number[] = [];
    let isClosed = false;
    function* source(): Generator<number> {
      try {
        for (let batch = 0; ; batch++) {
          taken.push(batch);
          yield batch;
        }
      } finally {
        isClosed = true;
      }
    }
    expect(await all(batchesOfCalls(source(), { ...options, batches: 5 }, {}))).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect([taken, isClosed]).toEqual([[0, 1, 2, 3, 4], true]);
  });

  /** Learner that records discarded batches. */
  class Discarding {
    readonly discarded: string[] = [];

    shapeOf(batch: string): string {
      return `${batch.length} after ${this.discarded.length}`;
    }

    discard(batch: string): void {
      this.discarded.push(batch);
    }
  }

  it('discards the batch it holds when the consumer stops, and closes the source', async () => {
    const learner = new Discarding();
    let isClosed = false;
    async function* source(): AsyncGenerator<string> {
      try {
        yield* ['a', 'bb', 'cc', 'dd'];
      } finally {
        isClosed = true;
      }
      await Promise.resolve();
    }
    for await (const call of batchesOfCalls(source(), options, learner)) {
      expect(call).toEqual(['a']);
      break;
    }
    expect([learner.discarded, isClosed]).toEqual([['bb'], true]);
  });

  it('discards no batch that a call took', async () => {
    const learner = new Discarding();
    await all(batchesOfCalls(['a', 'bb', 'c'], options, learner));
    for await (const call of batchesOfCalls(['a', 'b', 'c', 'd'], options, learner)) {
      expect(call).toHaveLength(3);
      break;
    }
    expect(learner.discarded).toEqual([]);
  });

  it('passes on errors of the source', async () => {
    function* source(): Generator<number> {
      yield 1;
      throw new Error('no more data');
    }
    await expect(all(batchesOfCalls(source(), options, {}))).rejects.toThrow('no more data');
  });
});
