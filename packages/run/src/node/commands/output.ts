import { setImmediate } from 'node:timers/promises';
import { printableText } from '../../config/errors.ts';
import { StorageError, reasonOf } from '../files.ts';
import { toJsonFile } from '../run/summary.ts';

/** Nobody reads any more: a closed pipe, as of `| head`, or a closed terminal. */
const CLOSED: ReadonlySet<string> = new Set(['EPIPE', 'EIO']);

/** Output of a command: results on standard output, or with `--json` the summary alone. */
export interface CommandOutput {
  /** Writes a line for the user: on standard output, or with `--json` on standard error. */
  readonly print: (line: string) => void;
  /** Writes text like `print`, without a line end. */
  readonly write: (text: string) => void;
  /** Writes a record as JSON on standard output. */
  readonly writeJson: (record: unknown) => void;
}

/**
 * Output of a command. On a terminal, control characters in it are escaped: names and texts come from data. In a file
 * or pipe, a text stays as it is.
 */
export function commandOutput(isJson: boolean): CommandOutput {
  const writeTo = (stream: NodeJS.WriteStream, text: string): void => {
    stream.write(stream.isTTY ? printableText(text) : text);
  };
  const write = (text: string): void => {
    writeTo(isJson ? process.stderr : process.stdout, text);
  };
  return {
    write,
    print: (line) => {
      write(`${line}\n`);
    },
    writeJson: (record) => {
      writeTo(process.stdout, toJsonFile(record));
    },
  };
}

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
