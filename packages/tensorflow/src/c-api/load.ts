import { closeSync, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import koffi, { type LibraryHandle } from '../koffi.ts';
import { LibraryError, type LibraryLocation } from '../library/index.ts';
import { type CApi, DECLARATIONS } from './declarations.ts';
import type { Pointer } from './types.ts';

/**
 * Loads TensorFlow and binds its C API. Functions are looked up at their first use, so loading takes milliseconds.
 *
 * @throws LibraryError where the library cannot be loaded, or lacks a needed function
 */
export function loadCApi(location: LibraryLocation): CApi {
  turnOnOneDnn();
  if (location.framework !== undefined) openQuietly(location.framework, true);
  const library =
    location.framework === undefined ? openQuietly(location.library, false) : open(location.library, false);
  const api = {};
  for (const [name, { prototype }] of Object.entries(DECLARATIONS)) {
    Object.defineProperty(api, name, {
      configurable: true,
      enumerable: true,
      get(): unknown {
        const value = bind(library, name, prototype, location);
        Object.defineProperty(api, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return api as CApi;
}

/**
 * Turns oneDNN on, which TensorFlow leaves off on x64 processors without AVX-512 VNNI, unless `TF_ENABLE_ONEDNN_OPTS`
 * is set. On such a processor (Zen 3) it takes 0.4 of the time for a CNN's step, and 0.9 for a Transformer's.
 */
function turnOnOneDnn(): void {
  if (process.arch !== 'x64' || process.env[ONE_DNN] !== undefined) return;
  process.env[ONE_DNN] = '1';
  // The environment of a worker thread is a copy, which TensorFlow does not see.
  if (process.platform !== 'win32') koffi.load(null).func('int setenv(str, str, int)')(ONE_DNN, '1', 0);
}

const ONE_DNN = 'TF_ENABLE_ONEDNN_OPTS';

function open(path: string, global: boolean): LibraryHandle {
  pin(path, global);
  try {
    return koffi.load(path, { global });
  } catch (error) {
    throw new LibraryError('damaged', `cannot load ${path}: ${firstLine(error)}`);
  }
}

/**
 * Keeps a library in memory until the process ends. koffi closes its libraries when a thread or the process ends, and
 * TensorFlow's exit handlers would then run unmapped code.
 */
function pin(path: string, global: boolean): void {
  if (process.platform === 'win32') return;
  const flags = process.platform === 'darwin' ? { global: 0x8, noDelete: 0x80 } : { global: 0x100, noDelete: 0x1000 };
  const now = 0x2;
  const dlopen = koffi.load(null).func('void* dlopen(str, int)') as (path: string, flags: number) => Pointer | null;
  dlopen(path, now | flags.noDelete | (global ? flags.global : 0));
}

function bind(library: LibraryHandle, name: string, prototype: string, location: LibraryLocation): unknown {
  try {
    return library.func(prototype);
  } catch (error) {
    throw new LibraryError('damaged', `${location.library} has no function ${name}: ${firstLine(error)}`);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
}

/** Abseil releases in TensorFlow 2.16 to 2.21. The names of C++ symbols contain them. */
const ABSEIL_RELEASES = ['20230802', '20240722', '20250127', '20250814'];
/**
 * Log level that shows fatal errors only: real errors are returned as a status, and XLA logs an error for every cache
 * hit.
 */
const ABSEIL_FATAL = 3;

const QUIET = '3';

/**
 * Loads the library that logs, keeping TensorFlow's own log lines quiet unless `TF_CPP_MIN_LOG_LEVEL` asks for them.
 * Its static initializers log before a level can be set, so standard error is redirected while they run.
 */
function openQuietly(path: string, global: boolean): LibraryHandle {
  const level = (process.env.TF_CPP_MIN_LOG_LEVEL ??= QUIET);
  if (level !== QUIET) return open(path, global);
  const library = withoutStandardError(() => open(path, global));
  for (const release of ABSEIL_RELEASES) {
    for (const setter of ['14SetMinLogLevel', '18SetStderrThreshold']) {
      try {
        const name = `_ZN4absl12lts_${release}${setter}ENS0_18LogSeverityAtLeastE`;
        (library.func(`void ${name}(int)`) as (level: number) => void)(ABSEIL_FATAL);
      } catch {
        // Built with another release: only the environment variable sets its level.
      }
    }
  }
  return library;
}

function withoutStandardError<T>(body: () => T): T {
  // The stream belongs to the process: two threads that redirect it at once could lose it.
  if (process.platform === 'win32' || !isMainThread) return body();
  const libc = koffi.load(null);
  const duplicate = libc.func('int dup(int)') as (descriptor: number) => number;
  const replace = libc.func('int dup2(int, int)') as (from: number, to: number) => number;
  const close = libc.func('int close(int)') as (descriptor: number) => number;
  const saved = duplicate(STANDARD_ERROR);
  if (saved < 0) return body();
  const nowhere = openSync('/dev/null', 'w');
  replace(nowhere, STANDARD_ERROR);
  try {
    return body();
  } finally {
    replace(saved, STANDARD_ERROR);
    close(saved);
    closeSync(nowhere);
  }
}

const STANDARD_ERROR = 2;
