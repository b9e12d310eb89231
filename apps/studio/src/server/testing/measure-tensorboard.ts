import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EventWriter } from '@motley/run/node';
import { startServer } from '../server.ts';

/**
 * Times the studio and TensorBoard on one folder of events: from the start of each to the last point of every curve.
 *
 * `node --conditions=@motley/source --import tsx apps/studio/src/server/testing/measure-tensorboard.ts --python PYTHON`
 */
const { values: options } = parseArgs({
  options: {
    /** Python that has TensorBoard. */
    python: { type: 'string', default: 'python3' },
    runs: { type: 'string', default: '20' },
    curves: { type: 'string', default: '20' },
    points: { type: 'string', default: '10000' },
    port: { type: 'string', default: '6177' },
  },
});
const [runs, curves, points] = [Number(options.runs), Number(options.curves), Number(options.points)];
const lastTag = `train/metric${curves - 1}`;
const names = Array.from({ length: runs }, (_, run) => `run-${run}`);
const folder = await mkdtemp(join(tmpdir(), 'motley-tensorboard-'));
const logs = join(folder, 'logs');

const print = (name: string, milliseconds: number): void => {
  process.stdout.write(`${name.padEnd(40)} ${(milliseconds / 1000).toFixed(2)} s\n`);
};

/** Asks until it is so. */
async function until(ask: () => Promise<boolean>): Promise<void> {
  while (!(await ask().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function writeEvents(): Promise<void> {
  const first = join(logs, names[0]!);
  await mkdir(first, { recursive: true });
  const writer = await EventWriter.open(first);
  for (let step = 1; step <= points; step++) {
    for (let curve = 0; curve < curves; curve++)
      void writer.writeScalar(`train/metric${curve}`, Math.sin(step * (curve + 1)), step);
    if (step % 100 === 0) await writer.writeScalar('train/written', step, step);
  }
  await writer.close();
  for (const name of names.slice(1)) {
    await mkdir(join(logs, name));
    await copyFile(writer.path, join(logs, name, basename(writer.path)));
  }
}

async function timeStudio(): Promise<void> {
  const startedAt = performance.now();
  const server = await startServer({ port: 0, logs: [logs], cache: join(folder, 'cache'), describesSystems: false });
  const rows = async (): Promise<readonly { readonly id: string; readonly step: number | null }[]> =>
    ((await (await fetch(`${server.address}api/runs`)).json()) as { runs: { id: string; step: number | null }[] }).runs;
  await until(async () => (await rows()).length === runs);
  print('studio: every run in the table', performance.now() - startedAt);
  await until(async () => (await rows()).every(({ step }) => step === points));
  print('studio: every point read', performance.now() - startedAt);
  await server.close();
}

async function timeTensorBoard(): Promise<void> {
  const startedAt = performance.now();
  const address = `http://localhost:${options.port}`;
  const child: ChildProcess = spawn(
    options.python,
    ['-m', 'tensorboard.main', '--logdir', logs, '--port', options.port, '--samples_per_plugin', `scalars=${points}`],
    { stdio: 'ignore' },
  );
  const get = async <T>(path: string): Promise<T> => (await (await fetch(address + path)).json()) as T;
  await until(async () => (await get<readonly string[]>('/data/runs')).length === runs);
  print('TensorBoard: every run in the list', performance.now() - startedAt);
  for (const run of names)
    await until(async () => {
      const query = new URLSearchParams({ run, tag: lastTag });
      const found = await get<readonly (readonly number[])[]>(`/data/plugin/scalars/scalars?${query.toString()}`);
      return found.at(-1)![1] === points;
    });
  print('TensorBoard: every point read', performance.now() - startedAt);
  child.kill('SIGTERM');
  await once(child, 'exit');
}

try {
  await writeEvents();
  process.stdout.write(
    `${runs} runs × ${curves} curves × ${points} points; ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}\n`,
  );
  await timeStudio();
  await timeTensorBoard();
} finally {
  await rm(folder, { recursive: true, force: true });
}
