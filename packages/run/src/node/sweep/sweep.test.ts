import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended, type ProgramOptions } from '@motley/test-tools';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runLearner } from '../commands/testing/learner.ts';
import { readSummary } from '../run/summary.ts';
import type { Sweep } from './sweep-file.ts';

/** Command line of the learner from the command kit's tests, in child processes. */
const learner = join(import.meta.dirname, '../commands/testing/learner-cli.ts');
/** Each test starts several programs, which takes time on a busy machine. */
const TIMEOUT_IN_MS = 180_000;
let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'motley-sweep-')), 'sweep');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

const sweep = (argv: readonly string[], onOutput?: ProgramOptions['onOutput']): Promise<Ended> =>
  runProgram(learner, ['sweep', ...argv], { cwd: join(folder, '..'), ...(onOutput && { onOutput }) });
const table = async (): Promise<Sweep> => JSON.parse(await readFile(join(folder, 'sweep.json'), 'utf8')) as Sweep;
const usual = ['--epochs', '1', '--parallel', '2'];

it('tries each value, names the best, and resumes incomplete runs', { timeout: TIMEOUT_IN_MS }, async () => {
  const grid = ['--grid', 'training.learningRate=0.05,0.1,0.2', '--grid', 'target=3'];
  const { status, output, errors } = await sweep([...grid, '--out', folder, ...usual]);
  expect(errors).toMatch(
    /run-\d completed in \d+\.\d s · \d of 3 · validation\.loss \S+ · training\.learningRate 0\.\d+/,
  );
  expect(status).toBe(0);
  const { runs, best, metric } = await table();
  expect(metric).toBe('validation.loss');
  expect(runs.map(({ status, point }) => [status, point['training.learningRate']])).toEqual([
    ['completed', '0.05'],
    ['completed', '0.1'],
    ['completed', '0.2'],
  ]);
  // Ten steps leave (1 - 2·rate)^10 of the distance 3; the loss is its square.
  for (const run of runs) {
    expect(run.metric! / (9 * (1 - 2 * Number(run.point['training.learningRate'])) ** 20)).toBeCloseTo(1, 2);
  }
  expect(best).toBe('run-3');
  expect(output.trim().split('\n').at(-1)).toMatch(/^best: sweep\/run-3 \(validation\.loss \S+\)$/);
  const config = JSON.parse(await readFile(join(folder, 'run-2', 'config.json'), 'utf8')) as { training: object };
  expect(config.training).toMatchObject({ learningRate: 0.1, epochs: 1 });
  expect(await readFile(join(folder, 'sweep.md'), 'utf8')).toContain('| run-3 | 0.2 | 3 |');
  expect((await readdir(join(folder, 'figures'))).sort()).toEqual([
    'curves.png',
    'curves.svg',
    'metric-against-target.png',
    'metric-against-target.svg',
    'metric-against-training-learning-rate.png',
    'metric-against-training-learning-rate.svg',
  ]);

  // State left by a machine that crashed during the second run.
  const made = (await stat(join(folder, 'run-1', 'summary.json'))).mtimeMs;
  await rm(join(folder, 'run-2', 'summary.json'));
  const resumed = await sweep(['--resume', folder, '--json']);
  expect(resumed.errors).toContain('3 runs: 2 completed, 1 waiting');
  expect(resumed.status).toBe(0);
  expect((await stat(join(folder, 'run-1', 'summary.json'))).mtimeMs).toBe(made);
  expect((JSON.parse(resumed.output) as Sweep).runs.map(({ metric: value }) => value)).toEqual(
    runs.map(({ metric: value }) => value),
  );
});

it('goes on with the data that it began with, at another place too', { timeout: TIMEOUT_IN_MS }, async () => {
  const [data, moved] = [join(folder, '../data'), join(folder, '../moved')];
  await writeFile(data, '5');
  const grid = ['--grid', 'training.learningRate=0.1,0.2'];
  expect((await sweep([...grid, '--out', folder, '--data', data, ...usual])).status).toBe(0);
  await rm(join(folder, 'run-2', 'summary.json'));
  await rename(data, moved);
  await writeFile(data, '6');
  const other = await sweep(['--resume', folder]);
  expect(other).toMatchObject({ status: 2, output: '' });
  expect(other.errors).toMatch(
    /^[^\n]*\/data: expected the data of the training, [^\n]*, found other content [^\n]*\n$/,
  );
  const resumed = await sweep(['--resume', folder, '--data', moved]);
  expect(resumed).toMatchObject({ status: 0 });
  expect((await table()).runs.map(({ status }) => status)).toEqual(['completed', 'completed']);
  expect((await table()).trainArguments).toEqual(['--data', moved]);
  expect((await readSummary(join(folder, 'run-2'), 'summary.json')).baselines).toEqual({ zero: { loss: 25 } });
});

it('lists a failed run, and fails only where all runs fail', { timeout: TIMEOUT_IN_MS }, async () => {
  const argv = ['--grid', 'training.seed=1', '--out', folder, '--fail', 'defect', ...usual];
  const { status, errors } = await sweep(argv);
  expect(status).toBe(1);
  expect(errors.trim().split('\n').at(-1)).toMatch(
    /^sweep: every run failed; run-1: train failed: weight is not a function/,
  );
  expect((await table()).runs.map(({ status, metric }) => [status, metric])).toEqual([['failed', null]]);
});

it('stops its runs, each after a checkpoint', { timeout: TIMEOUT_IN_MS }, async () => {
  const argv = ['--random', 'training.learningRate=log:1e-3..1e-2', '--runs', '3', '--out', folder];
  let child: ChildProcess | undefined;
  const interrupted = sweep([...argv, '--epochs', '100000', '--json'], (_, process) => {
    child = process;
  });
  await expect.poll(() => existsSync(join(folder, 'run-1', 'checkpoints', 'last')), { timeout: 120_000 }).toBe(true);
  child!.kill('SIGINT');
  const { status, output } = await interrupted;
  expect(status).toBe(130);
  const { runs } = await table();
  expect(runs.map(({ status }) => status)).toEqual(['stopped', 'waiting', 'waiting']);
  expect((JSON.parse(output) as Sweep).runs).toEqual(runs);
});

it('leaves no run behind when it is killed', { timeout: TIMEOUT_IN_MS }, async () => {
  let child: ChildProcess | undefined;
  const argv = ['--grid', 'training.seed=1', '--epochs', '100000', '--out', folder];
  const killed = sweep(argv, (_, process) => {
    child = process;
  });
  const path = join(folder, 'run-1');
  await expect.poll(() => existsSync(join(path, 'checkpoints', 'last')), { timeout: 120_000 }).toBe(true);
  child!.kill('SIGKILL');
  await killed;
  await expect.poll(() => existsSync(join(path, 'summary.json')), { timeout: 120_000 }).toBe(true);
  expect((await readSummary(path, 'summary.json')).status).toBe('stopped');
});

it.each([
  [['--grid', 'training.learningRate=-1,2'], '--grid: training.learningRate expected a number above 0, got "-1"'],
  [['--grid', 'target=1', '--metric', 'loss'], '--metric: expected split.name, as in validation.loss, got "loss"'],
  [['--grid', 'target=1', '--parallel', '0'], '--parallel: expected an integer of at least 1, got "0"'],
  [
    ['--resume', 'nowhere', '--grid', 'target=1'],
    "--grid: expected without --resume, which goes on with the sweep's own search",
  ],
])('refuses %j before anything is made', async (argv, message) => {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  try {
    expect(await runLearner(['sweep', ...argv, ...(argv.includes('--resume') ? [] : ['--out', folder])])).toBe(2);
  } finally {
    vi.restoreAllMocks();
  }
  expect(written.join('').trim()).toBe(message);
  expect(existsSync(folder)).toBe(false);
});
