import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../library/location.ts';
import type { Runtime } from '../runtime.ts';
import type { Engine } from './compiled-function.ts';
import { fingerprint } from './fingerprint.ts';
import type { Graph } from './graph.ts';

const VERSION = 1;
/** Largest number of entries; the oldest are forgotten first. */
const MAXIMUM_ENTRIES = 2000;
const MAXIMUM_BYTES = 1 << 20;

/** Remembers in a file which engine was faster for a graph on this machine, so that each graph is timed once. */
export class EngineMemory {
  readonly #path: string;

  constructor(path = join(dirname(cacheFolder()), 'engines.json')) {
    this.#path = path;
  }

  /** @returns the engine remembered under `key`; undefined where there is none or the file is damaged */
  recall(key: string): Engine | undefined {
    return this.#read().get(key);
  }

  remember(key: string, engine: Engine): void {
    const entries = this.#read();
    entries.delete(key);
    const kept = [...entries, [key, engine] as const].slice(-MAXIMUM_ENTRIES);
    try {
      this.#write(JSON.stringify({ version: VERSION, engines: Object.fromEntries(kept) }));
    } catch (error) {
      console.warn(`${this.#path}: the engine chosen cannot be remembered: ${(error as Error).message}`);
    }
  }

  #read(): Map<string, Engine> {
    try {
      if (statSync(this.#path).size > MAXIMUM_BYTES) throw new RangeError(`larger than ${MAXIMUM_BYTES} bytes`);
      return parse(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        console.warn(`${this.#path}: ignored: ${(error as Error).message}`);
      return new Map();
    }
  }

  /** Writes the file atomically: other processes read and write it too. The last one wins. */
  #write(text: string): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#path);
  }
}

/** Key of a graph with everything that decides which engine is faster: library, devices, threads. */
export function engineKey({ version: tensorflow, options, devices }: Runtime, graph: Graph): string {
  const machine = [
    tensorflow,
    cpus()[0]?.model,
    availableParallelism(),
    options.intraOpThreads,
    options.interOpThreads,
    devices.map(({ type }) => type),
  ];
  return createHash('sha256').update(JSON.stringify(machine)).update(fingerprint(graph)).digest('hex');
}

/** @throws Error naming the fault */
function parse(text: string): Map<string, Engine> {
  const content = JSON.parse(text) as { version?: unknown; engines?: unknown } | null;
  if (content?.version !== VERSION || typeof content.engines !== 'object' || content.engines === null) {
    throw new TypeError(`expected {"version":${VERSION},"engines":{…}}`);
  }
  const entries = Object.entries(content.engines as Record<string, unknown>);
  for (const [key, engine] of entries) {
    if (engine !== 'grappler' && engine !== 'xla') throw new TypeError(`${key}: expected grappler or xla`);
  }
  return new Map(entries as [string, Engine][]);
}
