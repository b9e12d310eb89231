import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EventWriter } from '@motley/run/node';
import type { CurveAnswer, RunList, RunRow } from '../../shared/api.ts';
import { startStudio } from './studio-process.ts';

/**
 * Times the studio and TensorBoard on one folder of events, from the start of the process of each: to every run with its
 * last value, and to every point read.
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
  const { address, stop } = await startStudio(['--logdir', logs], join(folder, 'cache'));
  const rows = async () => ((await (await fetch(`${address}api/runs`)).json()) as RunList).runs;
  await until(async () => (await rows()).filter(({ step }) => step === points).length === runs);
  print('studio: every run with its last values', performance.now() - startedAt);
  const [{ id }] = (await rows()) as [RunRow];
  const whole = async (): Promise<CurveAnswer> =>
    (await fetch(`${address}api/runs/${id}/curves?name=${lastTag}&pixels=1000`)).json() as Promise<CurveAnswer>;
  await until(async () => (await whole()).curves[0]?.total === points);
  print('studio: every point of a chosen run', performance.now() - startedAt);
  await stop();
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
  for (const [index, run] of names.entries()) {
    await until(async () => {
      const query = new URLSearchParams({ run, tag: lastTag });
      const found = await get<readonly (readonly number[])[]>(`/data/plugin/scalars/scalars?${query.toString()}`);
      return found.at(-1)![1] === points;
    });
    if (index === 0) print('TensorBoard: every point of a chosen run', performance.now() - startedAt);
  }
  print('TensorBoard: every run with its last values', performance.now() - startedAt);
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
