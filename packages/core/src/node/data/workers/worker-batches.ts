import { UserError } from '@motley/run';
import type { BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { tensorOf, toTensors, type HostBatch, type HostField, type TensorValues } from '../../../data/collate.ts';
import type { DatasetBatches } from '../../../data/dataset-batches.ts';
import { makeBatches, type BatchFactory } from './factory.ts';
import { WorkerPool } from './worker-pool.ts';

export interface WorkerOptions {
  /** Threads; 0 makes the batches in the caller's. Whatever the number, the batches are the same bits. */
  readonly workers: number;
  /** Batches made or being made before they are asked for, each in memory of its own. Default: 2 for each worker. */
  readonly prefetch?: number | undefined;
  /** Ends the workers: whoever waits for a batch gets the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Batches from other threads. `dispose` ends the threads; they do not keep the process alive. */
export interface WorkerBatchSource<Name extends string> extends BatchSource<Readonly<Record<Name, tf.Tensor>>> {
  /** How long `batches` has waited for workers so far: what training lost. */
  readonly waitTimeInMs: number;
  batches(epoch: number, firstBatch?: number): AsyncIterable<Readonly<Record<Name, tf.Tensor>>>;
  dispose(): Promise<void>;
}

/**
 * The batches of a dataset, made by worker threads in shared memory, in order: with the same seed the same batches
 * whatever the number of workers. Memory is bounded by `prefetch`: a worker waits until a batch has been taken.
 * @throws what the module throws in making its dataset, UserError where it has no such function, TypeError where the
 *   options cannot be copied. While batches are taken: what a worker threw, with its stack and the item it was at.
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

/** No threads: the same batches, made when they are asked for. */
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
      // The tensors have copied it: the next batch goes there, begun before this one is trained on.
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
  /** Copies tensors' values to TensorFlow if they have not been yet. */
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
}

/** A tensor that no longer needs `values`: copied once, by the backend itself where it does so at once. */
function uploaded(values: TensorValues, field: HostField): tf.Tensor {
  const backend = tf.backend() as tf.KernelBackend & Partial<NativeBackend>;
  if (backend.getInputTensorIds !== undefined) {
    const tensor = tensorOf(values, field);
    backend.getInputTensorIds([tensor]);
    return tensor;
  }
  return tensorOf(tf.getBackend() === 'wasm' ? values : values.slice(), field);
}
