import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS, startBackend } from '../../../nn/testing.ts';
import { describeOn } from '../../../testing/native.ts';
import type { FixtureOptions } from './testing/factories.ts';
import { workerBatches, type WorkerBatchSource, type WorkerOptions } from './worker-batches.ts';

const module = new URL('./testing/factories.ts', import.meta.url);
let source: WorkerBatchSource<string> | undefined;
afterEach(() => source?.dispose());

async function start(
  factory: string,
  options: FixtureOptions & Record<string, unknown>,
  workerOptions: WorkerOptions = { workers: 2 },
): Promise<WorkerBatchSource<string>> {
  const started = await workerBatches({ module, factory, options }, workerOptions);
  source = started;
  return started;
}

async function valuesOf(batches: WorkerBatchSource<string>, epoch: number, first?: number): Promise<number[][]> {
  const found: number[][] = [];
  for await (const batch of batches.batches(epoch, first)) {
    found.push(Object.values(batch).flatMap((tensor) => [...tensor.shape, ...tensor.dataSync()]));
    tf.dispose(batch);
  }
  return found;
}

describe('workerBatches', () => {
  beforeEach(() => startBackend('cpu'));

  it('gives the same bits for any number of workers, any prefetch and any start position', async () => {
    const expected = await valuesOf(await start('noisy', { count: 50 }, { workers: 0 }), 1);
    expect(expected).toHaveLength(17);
    for (const [workers, prefetch] of [
      [1, 1],
      [1, undefined],
      [4, undefined],
      [2, 40],
    ] as const) {
      const threaded = await start('noisy', { count: 50 }, { workers, prefetch });
      expect(threaded.batchesPerEpoch).toBe(17);
      expect(await valuesOf(threaded, 1, 9)).toEqual(expected.slice(9));
      expect(await valuesOf(threaded, 0)).not.toEqual(expected);
      expect(await valuesOf(threaded, 1)).toEqual(expected);
      await threaded.dispose();
    }
  });

  describeOn(BACKENDS, 'on %s', (backend) => {
    it('keeps retained batches intact: their tensors share no memory with workers', async () => {
      await startBackend(backend);
      const expected = await valuesOf(await start('noisy', { count: 30 }, { workers: 0 }), 0);
      const kept: tf.Tensor[][] = [];
      const threaded = await start('noisy', { count: 30 }, { workers: 1, prefetch: 1 });
      for await (const batch of threaded.batches(0)) kept.push(Object.values(batch));
      expect(kept.map((batch) => batch.flatMap((tensor) => [...tensor.shape, ...tensor.dataSync()]))).toEqual(expected);
      tf.dispose(kept);
    });
  });

  it('serves two concurrent readers', async () => {
    const expected = await valuesOf(await start('noisy', { count: 20 }, { workers: 0 }), 0);
    const threaded = await start('noisy', { count: 20 });
    expect(await Promise.all([valuesOf(threaded, 0), valuesOf(threaded, 0, 2)])).toEqual([expected, expected.slice(2)]);
  });

  it('starts at most as many batches ahead as prefetch allows', async () => {
    const begun = new Int32Array(new SharedArrayBuffer(4));
    const threaded = await start('counting', { count: 100, begun }, { workers: 2, prefetch: 5 });
    const batches = threaded.batches(0)[Symbol.asyncIterator]();
    for (let taken = 1; taken <= 10; taken++) {
      tf.dispose((await batches.next()).value as Record<string, tf.Tensor>);
      // One batch is taken and five are prefetched. A sixth would be counted before the fifth is made.
      while (Atomics.load(begun, 0) < taken + 5) Atomics.wait(begun, 0, Atomics.load(begun, 0), 5);
      expect(Atomics.load(begun, 0)).toBe(taken + 5);
    }
    await batches.return?.();
  });

  it('serves a new reader after one that left early', async () => {
    const expected = await valuesOf(await start('noisy', { count: 20 }, { workers: 0 }), 0);
    const threaded = await start('noisy', { count: 20 });
    for await (const batch of threaded.batches(0)) {
      tf.dispose(batch);
      break;
    }
    expect(await valuesOf(threaded, 0)).toEqual(expected);
  });

  it.each([0, 2])('names the failing item, with its stack, with %i workers', async (workers) => {
    const threaded = await start('throwing', { count: 9, at: 5 }, { workers });
    const batches = threaded.batches(0)[Symbol.asyncIterator]();
    for (let index = 0; index < 2; index++) tf.dispose((await batches.next()).value as Record<string, tf.Tensor>);
    const error = await batches.next().then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).toBe('item 5 of epoch 0: the item is broken');
    const stack = workers === 0 ? (error?.cause as Error).stack : error?.stack;
    expect(stack).toMatch(/TypeError: the item is broken\n\s+at breakDown \(.*factories\.ts:\d+/);
  });

  it('passes on a UserError about the data', async () => {
    const threaded = await start('refusing', { count: 2, at: 1 });
    const error = await valuesOf(threaded, 0).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toBe('item 1 of epoch 0: a.csv, row 3: expected a number, got "x"');
  });

  it.each([
    ['exiting', "a data worker's thread ended by itself, with exit code 3", ''],
    ['crashing', 'a data worker failed: out of the blue', 'at Timeout.blowUp'],
  ])('reports how a thread died: %s', async (factory, message, stack) => {
    const threaded = await start(factory, { count: 1000, at: 8 });
    const error = await valuesOf(threaded, 0).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).toBe(message);
    expect((error as Error).stack).toContain(stack);
    await expect(valuesOf(threaded, 0)).rejects.toThrow(message);
  });

  it('dispose ends busy threads and rejects pending reads', async () => {
    const threaded = await start('hanging', { count: 10, at: 0 });
    const waiting = valuesOf(threaded, 0);
    const failed = expect(waiting).rejects.toThrow('the data workers have been disposed of');
    await threaded.dispose();
    await failed;
  });

  it('an abort signal ends busy threads with its reason', async () => {
    const controller = new AbortController();
    const threaded = await start('hanging', { count: 10, at: 0 }, { workers: 1, signal: controller.signal });
    const failed = expect(valuesOf(threaded, 0)).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await failed;
    await expect(start('noisy', { count: 1 }, { workers: 1, signal: controller.signal })).rejects.toThrow('enough');
  });

  it.each([0, 1])('reports why batches could not be created, with %i workers', async (workers) => {
    const attempt = (factory: string) => start(factory, { count: 1 }, { workers });
    const refused = attempt('unready');
    await expect(refused).rejects.toBeInstanceOf(UserError);
    await expect(refused).rejects.toThrow('no such folder');
    await expect(attempt('absent')).rejects.toThrow('expected an exported function "absent", got undefined');
    await expect(attempt('NOT_A_FUNCTION')).rejects.toThrow('"NOT_A_FUNCTION", got number');
    await expect(attempt('notBatches')).rejects.toThrow('to return the batches of a Dataset');
    const missing = { module: new URL('./none.ts', import.meta.url), factory: 'a', options: {} };
    await expect(workerBatches(missing, { workers })).rejects.toThrow('none.ts');
  });

  it('refuses options that cannot be copied to a thread, and invalid counts', async () => {
    await expect(start('noisy', { count: 1, reader: () => 1 })).rejects.toThrow(
      'data workers: the options cannot be copied to a thread: () => 1 could not be cloned.',
    );
    await expect(start('noisy', { count: 1 }, { workers: -1 })).rejects.toThrow('expected workers to be an integer');
    await expect(start('noisy', { count: 1 }, { workers: 1, prefetch: 0 })).rejects.toThrow(
      'prefetch to be an integer',
    );
  });

  it('leaks no tensors', async () => {
    const before = tf.memory().numTensors;
    await valuesOf(await start('noisy', { count: 20 }), 0);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('does not keep a finished process alive', async () => {
    const program = new URL('./testing/abandon.ts', import.meta.url);
    const args = ['--conditions=@motley/source', '--import', 'tsx', program.pathname];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
    expect(stdout).toBe('got 3\n');
  });
});
