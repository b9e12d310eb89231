import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { systemDescriptionSchema, writeFileAtomically, type SystemDescription } from '@motley/run/folders';
import { z } from 'zod';
import type { ConfigField, SystemInfo } from '../../shared/api.ts';
import { readSmallJson } from '../files/read-small.ts';
import { Refused } from '../http/refusal.ts';
import { childEnvironment } from './environment.ts';
import { findPrograms, stampOfSources, type SystemProgram } from './programs.ts';

const MAX_OUTPUT_BYTES = 2 ** 22;
const TIMEOUT_IN_MS = 180_000;

const keptSchema = z.record(z.string(), z.object({ stamp: z.string(), description: systemDescriptionSchema }));

/** Systems that can be launched, with their descriptions: each describes itself, in a process of its own. */
export class Catalog {
  readonly programs: ReadonlyMap<string, SystemProgram>;
  readonly #file: string;
  readonly #onDescribed: () => void;
  #kept: Record<string, { readonly stamp: string; readonly description: SystemDescription }>;
  #loading: Promise<void> | undefined;
  readonly #closed = new AbortController();

  /**
   * @param file place in the cache
   * @param onDescribed called when descriptions have come
   */
  constructor(workspace: string, file: string, onDescribed: () => void) {
    this.programs = new Map(findPrograms(workspace).map((program) => [program.name, program]));
    this.#file = file;
    this.#onDescribed = onDescribed;
    const json = readSmallJson(file, 'systems', MAX_OUTPUT_BYTES);
    const result = json !== undefined && 'value' in json ? keptSchema.safeParse(json.value) : undefined;
    this.#kept = result?.success === true ? result.data : {};
  }

  /** Ends what describes itself. */
  close(): void {
    this.#closed.abort();
  }

  /** Description as far as it is known now. */
  get(name: string): SystemDescription | undefined {
    return Object.hasOwn(this.#kept, name) ? this.#kept[name]!.description : undefined;
  }

  /** Descriptions of all systems. One that fails is left out. */
  async load(): Promise<SystemDescription[]> {
    this.#loading ??= this.#describeAll().finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
    return [...this.programs.keys()].flatMap((name) => this.get(name) ?? []);
  }

  async #describeAll(): Promise<void> {
    let isChanged = false;
    for (const program of this.programs.values()) {
      const stamp = stampOfSources(program);
      if (Object.hasOwn(this.#kept, program.name) && this.#kept[program.name]!.stamp === stamp) continue;
      const description = await describe(program, [], this.#closed.signal).catch(() => undefined);
      if (this.#closed.signal.aborted) return;
      if (description === undefined) continue;
      this.#kept = { ...this.#kept, [program.name]: { stamp, description } };
      isChanged = true;
    }
    if (!isChanged) return;
    this.#onDescribed();
    try {
      await mkdir(dirname(this.#file), { recursive: true });
      await writeFileAtomically(this.#file, JSON.stringify(this.#kept));
    } catch {
      // The cache is a convenience.
    }
  }

  /**
   * Has a system check settings with its own schema.
   * @param settings arguments `--preset`, `--set` and `--fast`
   * @throws Refused with the system's own line
   */
  async check(program: SystemProgram, settings: readonly string[]): Promise<void> {
    await describe(program, settings, this.#closed.signal);
  }
}

/** Page's view of a system. */
export function systemInfo(description: SystemDescription, program: SystemProgram): SystemInfo {
  return {
    name: description.name,
    description: description.description,
    presets: Object.keys(description.presets),
    presetDescriptions: description.presets,
    fields: fieldsOf(description),
    commands: description.commands,
    studies: Object.keys(description.studies),
    studyDescriptions: description.studies,
    hasDemo: program.demo !== undefined,
  };
}

export function fieldsOf({ fields }: SystemDescription): ConfigField[] {
  return fields.map((field) => ({ ...field, default: field.default ?? null }) as ConfigField);
}

function describe(
  program: SystemProgram,
  settings: readonly string[],
  signal: AbortSignal,
): Promise<SystemDescription> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [...program.nodeArguments, 'describe', ...settings],
      {
        cwd: program.folder,
        env: childEnvironment(),
        maxBuffer: MAX_OUTPUT_BYTES,
        timeout: TIMEOUT_IN_MS,
        signal,
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        if (error !== null) {
          const line = stderr.trim().split('\n').at(-1) ?? '';
          reject(
            new Refused(400, line === '' ? `${program.name}: its command line does not start` : line.slice(0, 1000)),
          );
          return;
        }
        try {
          resolve(systemDescriptionSchema.parse(JSON.parse(stdout)));
        } catch {
          reject(new Refused(503, `${program.name}: expected its description, found other output`));
        }
      },
    );
    yieldCores(child.pid);
  });
}

/** Lets trainings and the server itself go first. */
function yieldCores(processId: number | undefined): void {
  if (processId === undefined) return;
  try {
    setPriority(processId, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended, or the system does not allow it.
  }
}
