import { workerData } from 'node:worker_threads';
import { UserError } from '@motley/run';
import type { DatasetBatches } from '../../../data/dataset-batches.ts';
import { makeBatches } from './factory.ts';
import type { BatchRequest, ThreadError, WorkerReply, WorkerStart } from './messages.ts';

/** Entry point of a worker thread. Makes the requested batches one by one, in shared memory. */
const { module, factory, options, port } = workerData as WorkerStart;

const reply = (message: WorkerReply): void => {
  port.postMessage(message);
};

async function make(batches: DatasetBatches<string>, { job, epoch, batch, buffer }: BatchRequest): Promise<void> {
  try {
    const made = await batches.hostBatch(epoch, batch, (bytes) =>
      buffer.byteLength >= bytes ? buffer : new SharedArrayBuffer(bytes),
    );
    reply({ kind: 'batch', job, buffer: made.buffer as SharedArrayBuffer, fields: made.fields });
  } catch (error) {
    reply({ kind: 'failed-batch', job, error: describe(error) });
  }
}

/** Includes the stacks of all causes: the innermost shows where it went wrong. */
function describe(error: unknown): ThreadError {
  if (!(error instanceof Error)) return { message: String(error), stack: String(error), isUserError: false };
  const cause = error.cause === undefined ? '' : `\n  [cause]: ${describe(error.cause).stack}`;
  return {
    message: error.message,
    stack: `${error.stack ?? error.message}${cause}`,
    isUserError: error instanceof UserError,
  };
}

try {
  const batches = await makeBatches(module, factory, options);
  let last = Promise.resolve();
  port.on('message', (request: BatchRequest) => {
    last = last.then(() => make(batches, request));
  });
  reply({ kind: 'ready', batchesPerEpoch: batches.batchesPerEpoch });
} catch (error) {
  reply({ kind: 'failed-start', error: describe(error) });
  port.close();
}
