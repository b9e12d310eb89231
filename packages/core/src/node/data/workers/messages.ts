import type { MessagePort } from 'node:worker_threads';
import type { HostField } from '../../../data/collate.ts';

/** Start data of a worker. */
export interface WorkerStart {
  /** URL of the module that makes the batches. */
  readonly module: string;
  /** Name of its function, which is given `options`. */
  readonly factory: string;
  readonly options: unknown;
  readonly port: MessagePort;
}

export interface BatchRequest {
  readonly job: number;
  readonly epoch: number;
  readonly batch: number;
  /** Where to write the batch if it fits. */
  readonly buffer: SharedArrayBuffer;
}

/** An error as it crosses threads. */
export interface ThreadError {
  readonly message: string;
  readonly stack: string;
  readonly isUserError: boolean;
}

export type WorkerReply =
  | { readonly kind: 'ready'; readonly batchesPerEpoch: number }
  | {
      readonly kind: 'batch';
      readonly job: number;
      readonly buffer: SharedArrayBuffer;
      readonly fields: readonly HostField[];
    }
  | { readonly kind: 'failed-batch'; readonly job: number; readonly error: ThreadError }
  | { readonly kind: 'failed-start'; readonly error: ThreadError };
