import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a training in a process of its own ended. */
export interface ChildEnd {
  readonly status: 'completed' | 'stopped' | 'failed';
  /** The last line that it said, where it failed. */
  readonly error: string | null;
}

export interface ChildOptions {
  /** Of the system's command line, which this process was started as. */
  readonly argv: readonly string[];
  /** Over this process's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asks it to save and to end. */
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

const INTERRUPTED = 130;

/** Runs a training to its end. It dies with this process. */
export async function runChild({ argv, environment, signal, onLine }: ChildOptions): Promise<ChildEnd> {
  // In a group of its own, as a terminal's Ctrl-C goes to a whole group: it would hear of it twice, and not save.
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
    env: { ...process.env, ...environment },
    // By the channel it learns that this process is gone.
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
    last = line.trim();
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
