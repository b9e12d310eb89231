import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { cacheFolder } from './library/location.ts';

/** First TensorFlow version known to accept the flag. An older one may end the process. */
const MINIMUM_VERSION = [2, 16];
/** Keeps machine code for the CPU only: the folder does not tell GPUs apart. */
const CPU_ONLY_FLAG = '--tf_xla_persistent_cache_device_types=CPU';
/** Free disk space below which nothing is kept: a full disk would make the compiling step fail. */
const MINIMUM_FREE_BYTES = 512e6;
const MAXIMUM_BYTES = 512e6;

/**
 * Lets TensorFlow keep the machine code that XLA compiles for the CPU, in one cache folder per processor and library.
 * The next process loads it in milliseconds instead of compiling for seconds, with the same bits. Call it before a
 * context is opened.
 *
 * @param library the library's file
 * @returns the folder; undefined in a worker thread (whose environment is its own), where the user's `TF_XLA_FLAGS`
 *   name one, and where the folder cannot be written or its disk is nearly full
 */
export function keepXlaCode(library: string, version: string, environment = process.env): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isKnown = major > MINIMUM_VERSION[0]! || (major === MINIMUM_VERSION[0] && minor >= MINIMUM_VERSION[1]!);
  const given = environment.TF_XLA_FLAGS ?? '';
  if (!isKnown || !isMainThread || given.includes('persistent_cache')) return undefined;
  const folder = join(dirname(cacheFolder(environment)), 'xla', machineKey(library, version));
  if (/[\s'"]/.test(folder)) return undefined; // TensorFlow splits its flags at spaces
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    tidy(folder);
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < MINIMUM_FREE_BYTES) return undefined;
  } catch {
    return undefined; // everything works without the cache, after a longer start
  }
  environment.TF_XLA_FLAGS = `${given} --tf_xla_persistent_cache_directory=${folder} ${CPU_ONLY_FLAG}`.trim();
  return folder;
}

/** Key of a processor and a build of TensorFlow: machine code fits one of each, and TensorFlow checks neither. */
function machineKey(library: string, version: string): string {
  const { size, mtimeMs } = statSync(library);
  const information = '/proc/cpuinfo';
  const features = existsSync(information)
    ? /^(?:flags|Features)\s*:.*$/m.exec(readFileSync(information, 'utf8'))?.[0]
    : '';
  const machine = [version, size, mtimeMs, process.arch, cpus()[0]?.model, features];
  return createHash('sha256').update(JSON.stringify(machine)).digest('hex').slice(0, 16);
}

/** Removes damaged entries, on which TensorFlow would fail, unfinished ones, and the oldest beyond the bound. */
function tidy(folder: string): void {
  const files = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    const { size, mtimeMs } = statSync(path);
    return { path, size, mtimeMs, isWhole: name.endsWith('.pb') && isWhole(path, size) };
  });
  const hourInMs = 3_600_000;
  let bytes = 0;
  for (const { path, size, mtimeMs, isWhole } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    bytes += size;
    const isBeingWritten = path.endsWith('.tmp') && Date.now() - mtimeMs < hourInMs;
    if ((!isWhole && !isBeingWritten) || bytes > MAXIMUM_BYTES) rmSync(path, { force: true });
  }
}

/** Whether a file is a sequence of whole protocol-buffer fields of known length, as TensorFlow's entries are. */
function isWhole(path: string, size: number): boolean {
  const file = openSync(path, 'r');
  try {
    const head = new Uint8Array(12);
    let at = 0;
    while (at < size) {
      const read = readSync(file, head, 0, head.length, at);
      let [length, index] = [0, 1];
      if ((head[0]! & 7) !== 2) return false;
      for (let scale = 1; ; scale *= 0x80) {
        if (index >= read) return false;
        const byte = head[index++]!;
        length += (byte & 0x7f) * scale;
        if (byte < 0x80) break;
      }
      at += index + length;
    }
    return size > 0 && at === size;
  } finally {
    closeSync(file);
  }
}
