import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { UserError } from '@motley/run';
import type { BatchRequest, ThreadError, WorkerReply, WorkerStart } from './messages.ts';

/** Failure of a data worker. Carries the worker's own stack, or says how its thread ended. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

export interface ThreadListener {
  onReply(reply: WorkerReply): void;
  /** Called when the thread has ended, or is about to end, without being asked. */
  onDeath(error: Error): void;
}

/** A worker thread. It keeps the process alive only while calls of `hold` outnumber calls of `release`. */
export class DataThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #listener: ThreadListener;
  #holds = 0;

  /**
   * Starts the thread.
   * @throws TypeError if the options cannot be copied
   */
  constructor(start: Omit<WorkerStart, 'port'>, listener: ThreadListener) {
    const { port1, port2 } = new MessageChannel();
    const workerData: WorkerStart = { ...start, port: port2 };
    try {
      this.#worker = new Worker(bootstrap(), { eval: true, name: 'motley-data', workerData, transferList: [port2] });
    } catch (error) {
      port1.close();
      throw new TypeError(`data workers: the options cannot be copied to a thread: ${(error as Error).message}`, {
        cause: error,
      });
    }
    this.#port = port1;
    this.#listener = listener;
    port1.on('message', (reply: WorkerReply) => {
      listener.onReply(reply);
    });
    this.#worker.on('error', (error) => {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const message = `a data worker failed: ${error instanceof Error ? error.message : String(error)}`;
      listener.onDeath(localError({ message, stack, isUserError: false }));
    });
    this.#worker.on('exit', (code) => {
      // Its last messages may not have arrived yet.
      this.poll();
      port1.close();
      listener.onDeath(new WorkerError(`a data worker's thread ended by itself, with exit code ${code}`));
    });
    port1.unref();
    this.#worker.unref();
  }

  request(request: BatchRequest): void {
    this.#port.postMessage(request);
  }

  /** Handles replies that already arrived. A training step may block the event loop for long. */
  poll(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: WorkerReply } | undefined;
      if (received === undefined) return;
      this.#listener.onReply(received.message);
    }
  }

  hold(): void {
    if (this.#holds++ > 0) return;
    this.#worker.ref();
    this.#port.ref();
  }

  release(): void {
    if (--this.#holds > 0) return;
    this.#worker.unref();
    this.#port.unref();
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Recreates an error of another thread, with that thread's stack. */
export function localError({ message, stack, isUserError }: ThreadError): Error {
  const error = isUserError ? new UserError(message) : new WorkerError(message);
  error.stack = stack.includes(message) ? stack : `${error.name}: ${message}\n${stack}`;
  return error;
}

/**
 * Program of the thread. When run from sources, it first registers tsx: Node 20 does not pass `--import tsx` on to
 * threads.
 */
function bootstrap(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const worker = new URL(`./batch-worker.${isSource ? 'ts' : 'js'}`, import.meta.url).href;
  const start = `import(${JSON.stringify(worker)})`;
  if (!isSource) return start;
  const tsx = import.meta.resolve('tsx/esm/api');
  return `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return ${start}; })`;
}
