import type { MessagePort } from 'node:worker_threads';
import type { HostField } from '../../../data/collate.ts';

/** Data that a worker starts with. */
export interface WorkerStart {
  /** URL of the module that contains the factory. */
  readonly module: string;
  /** Name of the factory, which is called with `options`. */
  readonly factory: string;
  readonly options: unknown;
  readonly port: MessagePort;
}

export interface BatchRequest {
  readonly job: number;
  readonly epoch: number;
  readonly batch: number;
  /** Memory for the batch, if it fits. */
  readonly buffer: SharedArrayBuffer;
}

/** Serialized form of an error. */
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
