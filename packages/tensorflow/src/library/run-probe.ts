import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LibraryError } from './errors.ts';
import type { LibraryLocation } from './location.ts';

export interface Device {
  /** `/job:localhost/replica:0/task:0/device:CPU:0` */
  name: string;
  /** `CPU`, `GPU`, or the type that a pluggable device gives itself. */
  type: string;
  /** Memory that TensorFlow would use. */
  memoryInBytes: number;
}

export interface ProbeReport {
  /** The result of `TF_Version`. */
  version: string;
  devices: Device[];
}

const PROBE_TIMEOUT_IN_MS = 60_000;

/**
 * Loads a library in a child process and lists its devices.
 *
 * @returns the report and TensorFlow's own log lines
 * @throws LibraryError `damaged`, with the loader's message or the signal that ended the child process
 */
export async function runProbe(location: LibraryLocation): Promise<ProbeReport & { log: string }> {
  // Beside this file, as source (.ts) or built (.js).
  const script = fileURLToPath(new URL(`./probe${extname(import.meta.url)}`, import.meta.url));
  const paths = [location.library, ...(location.framework ? [location.framework] : [])];
  const child = fork(script, paths, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0' },
    timeout: PROBE_TIMEOUT_IN_MS,
    killSignal: 'SIGKILL',
  });
  let log = '';
  let report: ProbeReport | undefined;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-65_536);
  });
  child.on('message', (value) => {
    report = value as unknown as ProbeReport;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, exitSignal) => {
      resolve([exitCode, exitSignal]);
    });
  });
  if (report) return { ...report, log };
  const error = /^(?:\w*Error)(?: \[\w+\])?: (.*)$/m.exec(log)?.[1];
  const reason =
    error ?? (signal ? `the process that loaded it was ended by ${signal}` : `exit status ${code ?? 'unknown'}`);
  throw new LibraryError('damaged', `${location.library} does not load: ${reason}`);
}
