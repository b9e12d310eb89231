import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Contender } from './contenders.ts';
import type { Assignment, Reply, Request } from './messages.ts';

type ReplyOf<Type extends Reply['type']> = Extract<Reply, { type: Type }>;

/** Generous: compilers are slow on a busy machine. */
const TIMEOUT_IN_MS = 900_000;

/** A process of one contender for one step. It is idle between requests. */
export class Worker {
  readonly name: string;
  readonly ready: ReplyOf<'ready'>;
  /** From starting the process to the end of the first step. */
  readonly coldStartInMs: number;
  /** The first step alone: tracing, compiling, running. */
  readonly firstStepInMs: number;
  /** Time of tracing, if the contender reports it. */
  readonly traceTimeInMs: number | undefined;
  peakMemoryInBytes = 0;
  readonly #link: Link;

  private constructor(
    name: string,
    link: Link,
    coldStartInMs: number,
    { timeInMs, traceTimeInMs }: ReplyOf<'first'>,
    ready: ReplyOf<'ready'>,
  ) {
    this.name = name;
    this.#link = link;
    this.coldStartInMs = coldStartInMs;
    this.firstStepInMs = timeInMs;
    this.traceTimeInMs = traceTimeInMs;
    this.ready = ready;
  }

  /**
   * Starts a process and waits for its first steps.
   * @throws Error with the reason if they fail
   */
  static async start({ name, command }: Contender, assignment: Omit<Assignment, 'mode'>): Promise<Worker> {
    const start = performance.now();
    const link = new Link(name, command, { ...assignment, mode: name });
    try {
      const first = await link.expect('first');
      const coldStartInMs = performance.now() - start;
      return new Worker(name, link, coldStartInMs, first, await link.expect('ready'));
    } catch (error) {
      await link.end();
      throw error;
    }
  }

  /** @returns total time of the steps in milliseconds */
  async run(steps: number): Promise<number> {
    this.#link.send({ steps });
    const { timeInMs, peakMemoryInBytes } = await this.#link.expect('timed');
    this.peakMemoryInBytes = peakMemoryInBytes;
    return timeInMs;
  }

  async stop(): Promise<void> {
    await this.#link.end();
  }
}

/** Lines of JSON to and from a process. */
class Link {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #replies: AsyncIterator<string, undefined>;
  readonly #closed: Promise<unknown>;
  #errors = '';

  constructor(name: string, [program, ...args]: readonly string[], assignment: Assignment) {
    this.#name = name;
    const threads = String(assignment.threads);
    this.#child = spawn(program!, [...args, JSON.stringify(assignment)], {
      env: { TF_CPP_MIN_LOG_LEVEL: '2', OMP_NUM_THREADS: threads, ...process.env },
    });
    this.#child.stderr.on('data', (data: Buffer) => (this.#errors = (this.#errors + data.toString()).slice(-4000)));
    this.#child.on('error', ({ message }) => (this.#errors += `\n${message}`));
    // Writing to a process that has died: its exit says more.
    this.#child.stdin.on('error', () => undefined);
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#replies = this.#lines[Symbol.asyncIterator]();
  }

  send(request: Request): void {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
  }

  async expect<Type extends Reply['type']>(type: Type): Promise<ReplyOf<Type>> {
    const timeout = setTimeout(() => this.#child.kill('SIGKILL'), TIMEOUT_IN_MS);
    try {
      const { value, done } = await this.#replies.next();
      if (done === true) throw new Error(await this.#lastWords());
      const reply = JSON.parse(value) as Reply;
      if (reply.type === type) return reply as ReplyOf<Type>;
      throw new Error(reply.type === 'failed' ? reply.message : `expected ${type}, got ${reply.type}`);
    } catch (error) {
      throw new Error(`${this.#name}: ${(error as Error).message}`, { cause: error });
    } finally {
      clearTimeout(timeout);
    }
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#closed;
  }

  async #lastWords(): Promise<string> {
    await this.#closed;
    const { exitCode, signalCode } = this.#child;
    const lines = this.#errors.split('\n').filter((line) => line.trim() !== '');
    return `its process ended with ${String(exitCode ?? signalCode)}${lines.length > 0 ? `: ${lines.at(-1)!.trim()}` : ''}`;
  }
}
