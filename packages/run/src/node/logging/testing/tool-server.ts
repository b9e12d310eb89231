import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Port on the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Server of another program, on the loopback interface. */
export interface ToolServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends the server and its child processes. */
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until `healthPath` answers.
 * @throws Error with its output, where it ends before
 */
export async function startServer(
  command: string,
  argv: readonly string[],
  options: { readonly port: number; readonly healthPath: string; readonly environment?: Record<string, string> },
): Promise<ToolServer> {
  const { port, healthPath } = options;
  // MLflow's server starts child processes, so it gets its own process group.
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
