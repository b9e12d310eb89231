import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Outcome, Verdict } from './run-mutant.ts';
import type { Assignment, Report } from './worker.ts';

export interface PoolOptions {
  /** Module that exports `readers`. */
  readonly module: string;
  readonly seed: number;
  readonly processes: number;
  /** Time of one mutant. */
  readonly timeoutInMs: number;
  /** Heap of a process. Typed arrays are outside it, and counted by the process itself. Default 768 MiB. */
  readonly heapInMiB?: number;
  /** Called for each mutant that is neither accepted nor refused. */
  readonly onBad: (reader: string, index: number, verdict: Verdict) => void;
  readonly onProgress?: (done: number) => void;
}

/** Number of mutants by outcome. */
export type Outcomes = Map<Outcome, number>;

const DEFAULT_HEAP_IN_MIB = 768;
const MUTANTS_AT_A_TIME = 200;

/** Reads mutants of each reader in child processes, which may hang, run out of memory or crash. */
export async function readMutants(
  readers: readonly string[],
  mutants: number,
  options: PoolOptions,
): Promise<Map<string, Outcomes>> {
  const each = Math.ceil(mutants / readers.length);
  const assignments = readers.flatMap((reader) =>
    Array.from({ length: Math.ceil(each / MUTANTS_AT_A_TIME) }, (_, part): Assignment => {
      const first = part * MUTANTS_AT_A_TIME;
      return { reader, seed: options.seed, first, count: Math.min(MUTANTS_AT_A_TIME, each - first) };
    }),
  );
  const outcomes = new Map(readers.map((reader): [string, Outcomes] => [reader, new Map<Outcome, number>()]));
  let done = 0;
  const count = (reader: string, index: number, verdict: Verdict): void => {
    const ofReader = outcomes.get(reader)!;
    ofReader.set(verdict.outcome, (ofReader.get(verdict.outcome) ?? 0) + 1);
    if (verdict.outcome !== 'accepted' && verdict.outcome !== 'refused') options.onBad(reader, index, verdict);
    options.onProgress?.(++done);
  };
  const workThrough = async (): Promise<void> => {
    const lane = new Lane(options);
    try {
      for (let next = assignments.shift(); next !== undefined; next = assignments.shift()) await lane.work(next, count);
    } finally {
      lane.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.processes, assignments.length) }, workThrough));
  return outcomes;
}

type Count = (reader: string, index: number, verdict: Verdict) => void;

/** One child process at a time, replaced where it ends. */
class Lane {
  readonly #options: PoolOptions;
  #child: ChildProcess | undefined;
  #errors = '';

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  async work(assignment: Assignment, count: Count): Promise<void> {
    const end = assignment.first + assignment.count;
    for (let first = assignment.first; first < end;)
      first = await this.#part({ ...assignment, first, count: end - first }, count);
  }

  close(): void {
    if (this.#child?.connected === true) this.#child.disconnect();
  }

  async #start(): Promise<ChildProcess> {
    const execArgv = [
      `--max-old-space-size=${this.#options.heapInMiB ?? DEFAULT_HEAP_IN_MIB}`,
      '--conditions=@motley/source',
      '--import',
      'tsx',
    ];
    const child = fork(join(import.meta.dirname, 'worker.ts'), [this.#options.module], {
      execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr!.on('data', (text: Buffer) => (this.#errors = (this.#errors + text.toString()).slice(-20_000)));
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => {
        resolve();
      });
      child.once('exit', (status) => {
        reject(new Error(`fuzz: a process ended with ${status} before it began:\n${this.#errors}`));
      });
    });
    child.removeAllListeners('exit');
    return child;
  }

  /** Returns the number of the mutant to go on with. */
  async #part(assignment: Assignment, count: Count): Promise<number> {
    const child = (this.#child ??= await this.#start());
    this.#errors = '';
    let current = assignment.first;
    let isOpen = false;
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    const next = await new Promise<number>((resolve) => {
      child.on('message', (report: Report) => {
        clearTimeout(timer);
        if (report.kind === 'begin') {
          current = report.index;
          isOpen = true;
          timer = setTimeout(() => {
            isLate = true;
            child.kill('SIGKILL');
          }, this.#options.timeoutInMs);
        } else if (report.kind === 'end') {
          isOpen = false;
          count(assignment.reader, report.index, report.verdict);
        } else resolve(assignment.first + assignment.count);
      });
      child.once('exit', (status, signal) => {
        clearTimeout(timer);
        this.#child = undefined;
        if (isOpen) count(assignment.reader, current, this.#verdictOf(isLate, status, signal));
        resolve(current + 1);
      });
      child.send(assignment);
    });
    child.removeAllListeners();
    return next;
  }

  #verdictOf(isLate: boolean, status: number | null, signal: string | null): Verdict {
    if (isLate) return { outcome: 'hang', detail: `more than ${this.#options.timeoutInMs} ms` };
    const detail = `${signal ?? status ?? ''}: ${this.#errors.trim().slice(0, 2000)}`;
    const isHeap = /heap out of memory|Allocation failed|invalid table size/i.test(this.#errors);
    return { outcome: isHeap ? 'memory' : this.#errors.includes('call stack') ? 'stack' : 'crash', detail };
  }
}
