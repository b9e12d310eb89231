import { smallest } from '@motley/run';
import type { HostBatch } from '../../../data/collate.ts';
import type { BatchRequest, WorkerReply, WorkerStart } from './messages.ts';
import { DataThread, localError, WorkerError } from './thread.ts';

interface Job {
  readonly thread: number;
  readonly resolve: (batch: HostBatch) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A pool of threads that make batches. After a thread dies or the pool is disposed of, every call fails with the
 * reason.
 */
export class WorkerPool {
  #batchesPerEpoch = 0;
  readonly #threads: DataThread[] = [];
  /** Number of outstanding batches of each thread. */
  readonly #load: number[] = [];
  readonly #jobs = new Map<number, Job>();
  readonly #signal: AbortSignal | undefined;
  readonly #started: { readonly resolve: () => void; readonly reject: (error: Error) => void };
  #ready = 0;
  #nextJob = 0;
  #failure: Error | undefined;

  private constructor(
    start: Omit<WorkerStart, 'port'>,
    workers: number,
    signal: AbortSignal | undefined,
    started: { readonly resolve: () => void; readonly reject: (error: Error) => void },
  ) {
    this.#started = started;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort);
    try {
      for (let index = 0; index < workers; index++) {
        this.#load.push(0);
        const onReply = (reply: WorkerReply): void => {
          this.#take(reply, workers);
        };
        const onDeath = (error: Error): void => {
          this.#fail(error);
        };
        this.#threads.push(new DataThread(start, { onReply, onDeath }));
      }
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /**
   * Starts the threads and waits until each has its dataset.
   * @throws the error that kept a thread from starting
   */
  static async start(start: Omit<WorkerStart, 'port'>, workers: number, signal?: AbortSignal): Promise<WorkerPool> {
    const { promise, resolve, reject } = withResolvers<undefined>();
    const started = {
      resolve: () => {
        resolve(undefined);
      },
      reject,
    };
    const pool = new WorkerPool(start, workers, signal, started);
    await pool.wait(promise);
    return pool;
  }

  get batchesPerEpoch(): number {
    return this.#batchesPerEpoch;
  }

  /** Requests a batch from the thread with the fewest outstanding ones. */
  make(request: Omit<BatchRequest, 'job'>): Promise<HostBatch> {
    const { promise, resolve, reject } = withResolvers<HostBatch>();
    // A reader that stopped early never awaits its requested batches.
    promise.catch(() => undefined);
    if (this.#failure !== undefined) reject(this.#failure);
    else {
      const job = this.#nextJob++;
      const thread = this.#load.indexOf(smallest(this.#load));
      this.#jobs.set(job, { thread, resolve, reject });
      this.#load[thread]!++;
      this.#threads[thread]!.request({ job, ...request });
    }
    return promise;
  }

  /** Awaits a reply. The threads keep the process alive only during this wait. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    for (const thread of this.#threads) thread.poll();
    const held = [...this.#threads];
    for (const thread of held) thread.hold();
    try {
      return await promise;
    } finally {
      for (const thread of held) thread.release();
    }
  }

  /** Ends the threads, even in the middle of a batch. */
  async dispose(): Promise<void> {
    this.#fail(new WorkerError('the data workers have been disposed of'));
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  readonly #abort = (): void => {
    const { reason } = this.#signal as { readonly reason: unknown };
    this.#fail(reason instanceof Error ? reason : new WorkerError(`the data workers were aborted: ${String(reason)}`));
  };

  #take(reply: WorkerReply, workers: number): void {
    if (this.#failure !== undefined) return;
    if (reply.kind === 'ready') {
      this.#batchesPerEpoch = reply.batchesPerEpoch;
      if (++this.#ready === workers) this.#started.resolve();
      return;
    }
    if (reply.kind === 'failed-start') {
      this.#fail(localError(reply.error));
      return;
    }
    const job = this.#jobs.get(reply.job)!;
    this.#jobs.delete(reply.job);
    this.#load[job.thread]!--;
    if (reply.kind === 'batch') job.resolve({ buffer: reply.buffer, fields: reply.fields });
    else job.reject(localError(reply.error));
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#started.reject(error);
    for (const { reject } of this.#jobs.values()) reject(error);
    this.#jobs.clear();
    for (const thread of this.#threads) void thread.terminate();
  }
}

function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
} {
  let settle!: { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
