import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder } from '@motley/tensorflow/library';

const requirements = join(import.meta.dirname, 'requirements.txt');
const environment = join(dirname(cacheFolder()), 'test-tools');

/** Whether the tools can be had: where there is no Python, their tests are skipped, except where nothing may be. */
export const hasPython =
  process.env.MOTLEY_REQUIRE_TENSORFLOW === '1' || spawnSync('python3', ['--version']).status === 0;

/** Installing takes a minute or two, once on a machine. */
export const TOOLS_TIMEOUT_IN_MS = 600_000;

/**
 * The path of a program of the tests' own Python environment (TensorBoard, MLflow, Weights & Biases), which is made the
 * first time: whole or not at all.
 * @throws Error with pip's reason where it cannot be had
 */
export function pythonTool(name: 'python' | 'tensorboard' | 'mlflow' | 'wandb'): string {
  const mark = join(environment, 'installed');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== wanted) {
    rmSync(environment, { recursive: true, force: true });
    mkdirSync(dirname(environment), { recursive: true });
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    execFileSync(join(environment, 'bin', 'python'), install, { stdio: 'pipe' });
    writeFileSync(mark, wanted); // last: an interrupted installation is none
  }
  return join(environment, 'bin', name);
}

/** A port of loopback's that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server of another program's, on loopback. */
export interface ToolServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends it and those it started. */
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until `healthPath` answers.
 * @throws Error with what it wrote, where it ends before
 */
export async function startServer(
  command: string,
  argv: readonly string[],
  options: { readonly port: number; readonly healthPath: string; readonly environment?: Record<string, string> },
): Promise<ToolServer> {
  const { port, healthPath } = options;
  // A group of its own, as MLflow's server starts others.
  const child = spawn(command, argv, {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const ended = new Promise((resolve) => child.on('close', resolve));
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const url = `http://127.0.0.1:${port}`;
  const answers = (): Promise<boolean> =>
    fetch(url + healthPath, { signal: AbortSignal.timeout(5000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (hasEnded()) throw new Error(`${command} ended before it answered:\n${output}`);
    await delay(100);
  }
  return {
    url,
    stop: async () => {
      if (!hasEnded()) process.kill(-child.pid!, 'SIGTERM');
      await ended;
    },
  };
}
