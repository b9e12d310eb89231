import { setImmediate } from 'node:timers/promises';
import { StorageError, reasonOf } from '../files.ts';

/** Nobody reads any more: a closed pipe, as of `| head`, or a closed terminal. */
const CLOSED: ReadonlySet<string> = new Set(['EPIPE', 'EIO']);

let failure: NodeJS.ErrnoException | undefined;

/** Standard output of a command. */
export interface WatchedOutput {
  /** @throws StorageError where something written could not be, as on a full disk */
  finish(): Promise<void>;
}

/**
 * Watches standard output and standard error. A command goes on where nobody reads them. Of a failing standard error
 * nobody can be told.
 */
export function watchOutput(): WatchedOutput {
  failure = undefined;
  // They stay for the process's life: an error may come when the command is over.
  if (!process.stdout.listeners('error').includes(noteFailure)) process.stdout.on('error', noteFailure);
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore);
  return {
    async finish() {
      // A stream tells of an error after the write that met it.
      await setImmediate();
      if (failure !== undefined)
        throw new StorageError(`cannot write the standard output: ${reasonOf(failure)}`, { cause: failure });
    },
  };
}

function noteFailure(error: NodeJS.ErrnoException): void {
  if (!CLOSED.has(error.code ?? '')) failure ??= error;
}

function ignore(): void {
  // Nothing is left to tell it on.
}
