import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { printable } from '../../config/errors.ts';

/** Result of a training in a child process. */
export interface ChildEnd {
  readonly status: 'completed' | 'stopped' | 'failed';
  /** Last line of output of a failed training. */
  readonly error: string | null;
}

export interface ChildOptions {
  /** Arguments of the system's command line, the program of this process. */
  readonly argv: readonly string[];
  /** Environment variables added to those of this process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asks the training to save and to end. */
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

const INTERRUPTED = 130;

/** Runs a training in a child process to its end. The child ends when this process ends. */
export async function runChild({ argv, environment, signal, onLine }: ChildOptions): Promise<ChildEnd> {
  // A separate process group: a terminal sends Ctrl-C to the whole group, and a second signal would end it without saving.
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
    env: { ...process.env, ...environment },
    // The channel tells the child when this process is gone.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  const interrupt = (): void => {
    child.kill('SIGINT');
  };
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.on('exit', kill);
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  let last = '';
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (line.trim() === '') return;
    last = printable(line.trim());
    onLine(last);
  });
  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', reject).on('close', (...end) => {
        resolve(end);
      });
    });
    if (code === 0) return { status: 'completed', error: null };
    if (code === INTERRUPTED || signal.aborted) return { status: 'stopped', error: null };
    return { status: 'failed', error: killedBy === null ? last || `exit status ${code}` : `ended by ${killedBy}` };
  } catch (error) {
    return { status: 'failed', error: (error as Error).message };
  } finally {
    process.off('exit', kill);
    signal.removeEventListener('abort', interrupt);
  }
}
