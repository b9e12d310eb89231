import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { LaunchRow } from '../../shared/api.ts';
import { readSmall } from '../files/read-small.ts';
import { Refused } from '../http/refusal.ts';
import { childEnvironment } from '../systems/environment.ts';
import type { SystemProgram } from '../systems/programs.ts';

const MAX_LAUNCHES = 500;
const SHOWN_LINES = 40;
const SHOWN_BYTES = 2 ** 14;
const INTERRUPTED = 130;
const LOOK_EVERY_MS = 1000;

/** A command to run. */
export interface Launch {
  readonly program: SystemProgram;
  readonly argv: readonly string[];
  readonly shown: string;
  /** Id of the run, where there is one. */
  readonly run: string | null;
}

interface Entry {
  readonly launch: Launch;
  readonly log: string;
  row: LaunchRow;
  child: ChildProcess | undefined;
}

/**
 * Commands that wait for their turn, so many at a time. Each is a process of its own with its output in a file, so that it
 * goes on where the studio ends.
 */
export class LaunchQueue {
  readonly #folder: string;
  readonly #onChange: (rows: readonly LaunchRow[]) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #timer: NodeJS.Timeout;
  #count = 0;
  #atOnce = 1;
  #isClosed = false;

  /** @param folder folder for outputs */
  constructor(folder: string, onChange: (rows: readonly LaunchRow[]) => void) {
    this.#folder = folder;
    this.#onChange = onChange;
    this.#timer = setInterval(() => {
      this.#look();
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  get rows(): LaunchRow[] {
    return [...this.#entries.values()].map(({ row }) => row);
  }

  get atOnce(): number {
    return this.#atOnce;
  }

  set atOnce(count: number) {
    this.#atOnce = count;
    this.#startNext();
  }

  add(launch: Launch): LaunchRow {
    if (this.#entries.size >= MAX_LAUNCHES) this.#forgetOldest();
    if (this.#entries.size >= MAX_LAUNCHES)
      throw new Refused(429, `launches: expected at most ${MAX_LAUNCHES} at a time`);
    const id = `${process.pid}-${++this.#count}`;
    const row: LaunchRow = {
      id,
      command: launch.shown,
      status: 'queued',
      run: launch.run,
      system: launch.program.name,
      startedAt: null,
      endedAt: null,
      output: [],
    };
    this.#entries.set(id, { launch, row, child: undefined, log: join(this.#folder, `${id}.log`) });
    this.#startNext();
    this.#tell();
    return this.#entries.get(id)!.row;
  }

  /** Takes a waiting launch out, or asks a running one to save and to end. */
  stop(id: string): void {
    const entry = this.#find(id);
    if (entry.row.status === 'queued') this.#set(entry, { status: 'stopped', endedAt: Date.now() });
    else if (entry.row.status === 'running') entry.child?.kill('SIGINT');
    this.#tell();
  }

  /** Forgets a launch that has ended, and its output. */
  forget(id: string): void {
    const { row, log } = this.#find(id);
    if (row.status === 'queued' || row.status === 'running')
      throw new Refused(409, 'launch: expected one that has ended; stop it first');
    this.#entries.delete(id);
    rmSync(log, { force: true });
    this.#tell();
  }

  /** Drops what waits. What runs goes on. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Refused(404, 'launch: expected one of the list');
    return entry;
  }

  #startNext(): void {
    const entries = [...this.#entries.values()];
    let free = this.#atOnce - entries.filter(({ row }) => row.status === 'running').length;
    for (const entry of entries) {
      if (free <= 0 || this.#isClosed) return;
      if (entry.row.status !== 'queued') continue;
      this.#start(entry);
      free--;
    }
  }

  #start(entry: Entry): void {
    const { launch, log } = entry;
    const end = (status: LaunchRow['status'], problem?: string): void => {
      entry.child = undefined;
      const output = problem === undefined ? lastLines(log) : [...lastLines(log), problem];
      this.#set(entry, { status, output, endedAt: Date.now() });
      this.#startNext();
      this.#tell();
    };
    this.#set(entry, { status: 'running', startedAt: Date.now() });
    let output: number;
    try {
      mkdirSync(this.#folder, { recursive: true });
      output = openSync(log, 'w', 0o600);
    } catch (error) {
      end('failed', `cannot write ${log}: ${(error as Error).message}`);
      return;
    }
    // A process group of its own: Ctrl-C in the studio's terminal does not end trainings.
    const child = spawn(process.execPath, [...launch.program.nodeArguments, ...launch.argv], {
      cwd: launch.program.folder,
      env: childEnvironment(),
      stdio: ['ignore', output, output],
      detached: true,
      shell: false,
      windowsHide: true,
    });
    closeSync(output);
    entry.child = child;
    child.unref();
    child.once('error', (error) => {
      end('failed', error.message);
    });
    child.once('exit', (code, signal) => {
      if (code === 0) end('done');
      else if (code === INTERRUPTED) end('stopped');
      else end('failed', signal === null ? undefined : `ended by ${signal}`);
    });
  }

  #look(): void {
    let isChanged = false;
    for (const entry of this.#entries.values()) {
      if (entry.row.status !== 'running') continue;
      const output = lastLines(entry.log);
      if (output.join('\n') === entry.row.output.join('\n')) continue;
      this.#set(entry, { output });
      isChanged = true;
    }
    if (isChanged) this.#tell();
  }

  #set(entry: Entry, values: Partial<LaunchRow>): void {
    entry.row = { ...entry.row, ...values };
  }

  #forgetOldest(): void {
    for (const { row } of this.#entries.values()) {
      if (row.status === 'queued' || row.status === 'running') continue;
      this.forget(row.id);
      return;
    }
  }

  #tell(): void {
    if (!this.#isClosed) this.#onChange(this.rows);
  }
}

/** Last lines of an output, as a terminal would leave them. */
function lastLines(path: string): string[] {
  const bytes = readSmall(path, SHOWN_BYTES, true);
  if (!(bytes instanceof Buffer)) return [];
  const lines = stripVTControlCharacters(bytes.toString('utf8'))
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).trimEnd());
  return lines.filter((line) => line !== '').slice(-SHOWN_LINES);
}
