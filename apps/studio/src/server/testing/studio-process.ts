import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Studio in a process of its own, as a user starts it. */
export interface StudioProcess {
  readonly child: ChildProcess;
  readonly address: string;
  /** Asks it to end, and waits. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the studio on a free port.
 * @param folders its `--runs` and `--logdir`
 * @param cache folder for what may be thrown away
 */
export async function startStudio(folders: readonly string[], cache: string): Promise<StudioProcess> {
  const cli = join(import.meta.dirname, '../cli.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=@motley/source', '--import', 'tsx', cli, '--port', '0', '--no-open', ...folders],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, XDG_CACHE_HOME: cache } },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    child,
    address: line.toString().trim().replace('studio: ', ''),
    stop: async () => {
      child.kill('SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
