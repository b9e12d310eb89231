import { UserError } from '@motley/run';
import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { tensorOf, toTensors, type HostBatch, type HostField, type TensorValues } from '../../../data/collate.ts';
import type { DatasetBatches } from '../../../data/dataset-batches.ts';
import { makeBatches, type BatchFactory } from './factory.ts';
import { WorkerPool } from './worker-pool.ts';

export interface WorkerOptions {
  /** Number of threads. 0 makes the batches in the calling thread. The batches are bitwise the same for any number. */
  readonly workers: number;
  /** Number of batches made ahead of time, each in its own buffer. Default: 2 per worker. */
  readonly prefetch?: number | undefined;
  /** Ends the workers. Pending reads then fail with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Batches made by worker threads, which do not keep the process alive. `dispose` ends the threads. */
export interface WorkerBatchSource<Name extends string> extends BatchSource<Readonly<Record<Name, tf.Tensor>>> {
  /** Total time that `batches` has waited for workers: time lost to training. */
  readonly waitTimeInMs: number;
  batches(epoch: number, firstBatch?: number): AsyncIterable<Readonly<Record<Name, tf.Tensor>>>;
  dispose(): Promise<void>;
}

/**
 * Makes the batches of a dataset in worker threads and shared memory, in order. The same seed gives the same batches
 * for any number of workers. `prefetch` bounds the memory: a worker waits until a batch has been taken. Errors of the
 * dataset's module pass through; errors while reading batches carry the worker's stack and the failing item.
 * @throws UserError if the module has no such function
 * @throws TypeError if the options cannot be copied
 */
export async function workerBatches<Name extends string, Options>(
  factory: BatchFactory<Options>,
  { workers, prefetch = Math.max(2, 2 * workers), signal }: WorkerOptions,
): Promise<WorkerBatchSource<Name>> {
  for (const [name, value, least] of [
    ['workers', workers, 0],
    ['prefetch', prefetch, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least)
      throw new UserError(`data workers: expected ${name} to be an integer of at least ${least}, got ${value}`);
  }
  signal?.throwIfAborted();
  const start = { module: String(factory.module), factory: factory.factory, options: factory.options };
  if (workers === 0) return new LocalBatches<Name>(await makeBatches(start.module, start.factory, start.options));
  const pool = await WorkerPool.start(start, workers, signal);
  return new ThreadedBatches<Name>(pool, prefetch);
}

/** Makes the same batches in the calling thread, on demand. */
class LocalBatches<Name extends string> implements WorkerBatchSource<Name> {
  readonly batchesPerEpoch: number;
  readonly #batches: DatasetBatches<string>;
  #waitTimeInMs = 0;

  constructor(batches: DatasetBatches<string>) {
    this.#batches = batches;
    this.batchesPerEpoch = batches.batchesPerEpoch;
  }

  get waitTimeInMs(): number {
    return this.#waitTimeInMs;
  }

  async *batches(epoch: number, firstBatch = 0): AsyncGenerator<Readonly<Record<Name, tf.Tensor>>> {
    let askedAt = performance.now();
    for await (const batch of this.#batches.batches(epoch, firstBatch)) {
      this.#waitTimeInMs += performance.now() - askedAt;
      yield batch;
      askedAt = performance.now();
    }
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

class ThreadedBatches<Name extends string> implements WorkerBatchSource<Name> {
  readonly batchesPerEpoch: number;
  readonly #pool: WorkerPool;
  readonly #prefetch: number;
  #waitTimeInMs = 0;

  constructor(pool: WorkerPool, prefetch: number) {
    this.#pool = pool;
    this.#prefetch = prefetch;
    this.batchesPerEpoch = pool.batchesPerEpoch;
  }

  get waitTimeInMs(): number {
    return this.#waitTimeInMs;
  }

  async *batches(epoch: number, firstBatch = 0): AsyncGenerator<Readonly<Record<Name, tf.Tensor>>> {
    const begun: Promise<HostBatch>[] = [];
    const free = Array.from({ length: this.#prefetch }, () => new SharedArrayBuffer(0));
    let next = firstBatch;
    const begin = (): void => {
      while (free.length > 0 && next < this.batchesPerEpoch)
        begun.push(this.#pool.make({ epoch, batch: next++, buffer: free.pop()! }));
    };
    begin();
    while (begun.length > 0) {
      const askedAt = performance.now();
      const host = await this.#pool.wait(begun.shift()!);
      this.#waitTimeInMs += performance.now() - askedAt;
      const tensors = toTensors(host, uploaded) as Record<Name, tf.Tensor>;
      // The tensors hold copies, so the next batch can be made in this buffer while training uses this one.
      free.push(host.buffer as SharedArrayBuffer);
      begin();
      yield tensors;
    }
  }

  dispose(): Promise<void> {
    return this.#pool.dispose();
  }
}

interface NativeBackend {
  /** Copies the values of tensors to TensorFlow, unless already done. */
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
}

/** Creates a tensor independent of `values`. Native TensorFlow and WASM copy on upload; other backends get a copy. */
function uploaded(values: TensorValues, field: HostField): tf.Tensor {
  const backend = tf.backend() as tf.KernelBackend & Partial<NativeBackend>;
  if (backend.getInputTensorIds !== undefined) {
    const tensor = tensorOf(values, field);
    backend.getInputTensorIds([tensor]);
    return tensor;
  }
  return tensorOf(tf.getBackend() === 'wasm' ? values : values.slice(), field);
}
