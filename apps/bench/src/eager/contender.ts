import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Reply, Request, Side } from './messages.ts';

/** A child process that measures one side. It is idle between requests. */
export class Contender {
  readonly side: Side;
  /** TensorFlow's version in the process. */
  readonly version: string;
  readonly #child: ChildProcess;

  private constructor(side: Side, child: ChildProcess, version: string) {
    this.side = side;
    this.#child = child;
    this.version = version;
  }

  /** @throws Error where the side cannot start */
  static async start(side: Side): Promise<Contender> {
    const child = fork(join(import.meta.dirname, 'process.ts'), [side], {
      execArgv: ['--conditions=@motley/source', '--import', 'tsx'],
      env: { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env },
    });
    try {
      const reply = await nextReply(side, child);
      if (reply.type !== 'ready') throw new Error(`${side}: expected to be told it is ready, got ${reply.type}`);
      return new Contender(side, child, reply.version);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /**
   * Runs an operation `iterations` times.
   * @returns total time in milliseconds
   * @throws Error if the operation fails or the process ends
   */
  async run(request: Request): Promise<number> {
    const reply = nextReply(this.side, this.#child);
    this.#child.send(request);
    const answer = await reply;
    if (answer.type !== 'done') throw new Error(`${this.side}: expected a time, got ${answer.type}`);
    return answer.timeInMs;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }
}

/** @throws Error where the side failed or its process ended */
async function nextReply(side: Side, child: ChildProcess): Promise<Exclude<Reply, { type: 'failed' }>> {
  const answered = new AbortController();
  const { signal } = answered;
  try {
    const reply = await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as Reply),
      once(child, 'exit', { signal }).then(([code, signalName]): never => {
        throw new Error(`${side}: its process ended with ${String(code ?? signalName)}`);
      }),
    ]);
    if (reply.type === 'failed') throw new Error(`${side}: ${reply.message}`);
    return reply;
  } finally {
    answered.abort();
  }
}
