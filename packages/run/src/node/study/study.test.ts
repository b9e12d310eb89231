import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended, type ProgramOptions } from '@motley/test-tools';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runLearner } from '../commands/testing/learner.ts';
import { lockFolder } from '../folder-lock.ts';
import { readMetrics } from '../run/metrics-log.ts';
import { readSummary } from '../run/summary.ts';
import type { StudyFile } from './study-file.ts';

/** Command line of the learner from the command kit's tests, in child processes. */
const learner = join(import.meta.dirname, '../commands/testing/learner-cli.ts');
/** Each test starts several programs, which takes time on a busy machine. */
const TIMEOUT_IN_MS = 240_000;
let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-study-'));
  out = join(folder, 'studies');
});
afterEach(() => rm(folder, { recursive: true }));

const study = (argv: readonly string[], onOutput?: ProgramOptions['onOutput']): Promise<Ended> =>
  runProgram(learner, ['study', ...argv, '--out', out], { cwd: folder, ...(onOutput && { onOutput }) });
const fileOf = async (name: string): Promise<StudyFile> =>
  JSON.parse(await readFile(join(out, name, 'study.json'), 'utf8')) as StudyFile;

/** Runs the command in this process, and returns its output. */
async function studyHere(...argv: readonly string[]): Promise<{ readonly status: number; readonly text: string }> {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  try {
    return { status: await runLearner(['study', ...argv, '--out', out]), text: written.join('').trim() };
  } finally {
    vi.restoreAllMocks();
  }
}

it('trains the missing runs seed by seed, and writes a table of means', { timeout: TIMEOUT_IN_MS }, async () => {
  const first = await study(['rates/quick', 'rates/far', '--limit', '1']);
  expect(first).toMatchObject({ status: 0 });
  expect(first.errors).toMatch(/^quick-seed-0 completed in \d+\.\d s · 1 of 1$/m);
  const made = (await stat(join(out, 'rates/quick-seed-0/summary.json'))).mtimeMs;

  const { status, output, errors } = await study(['rates', '--parallel', '2']);
  expect([status, errors]).toEqual([0, expect.stringMatching(/ · \d of 4/)]);
  const lines = output.split('\n');
  expect(lines[0]).toBe('study rates: how fast a weight learns');
  expect(lines.slice(1, 4).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['slow', 'small steps', '0 of 2 done', 'about 30 s each'],
    ['quick', 'large steps', '1 of 2 done', expect.stringMatching(/^about \d+ s each$/)],
    ['far', 'far away', '0 of 1 done', expect.stringMatching(/^about \d+ s each$/)],
  ]);
  expect(lines[4]).toMatch(/^5 runs: 4 waiting, 1 completed|^5 runs: 1 completed, 4 waiting/);
  expect(lines[4]).toMatch(/ · about 3\d s for 4 runs · studies\/rates$/);
  expect((await stat(join(out, 'rates/quick-seed-0/summary.json'))).mtimeMs).toBe(made);
  const config = JSON.parse(await readFile(join(out, 'rates/slow-seed-1/config.json'), 'utf8')) as object;
  expect(config).toMatchObject({ target: 3, training: { learningRate: 0.05, seed: 1 } });

  // Thirty steps leave (1 - 2·rate)^30 of the distance; the loss is its square. The seeds change nothing.
  const { runs, table } = await fileOf('rates');
  expect(runs.map(({ name, status: each }) => [name, each])).toEqual(
    ['slow-seed-0', 'quick-seed-0', 'far-seed-0', 'slow-seed-1', 'quick-seed-1'].map((name) => [name, 'completed']),
  );
  const loss = 9 * 0.9 ** 60;
  expect(table[0]).toMatchObject({ variant: 'slow', baseline: null, seeds: 2 });
  expect(table[0]!.figures.loss!.mean / loss).toBeCloseTo(1, 3);
  expect(table[0]!.figures.loss!.standardDeviation).toBe(0);
  expect(table[2]).toMatchObject({ baseline: 'zero', figures: { loss: { mean: 9, standardDeviation: 0 } } });
  const rows = (await readFile(join(out, 'rates/table.md'), 'utf8')).split('\n');
  const [heading, line, slow, , zero, far] = rows;
  expect([heading!, line!, slow!, zero!].map((row) => row.replace(/\d+( ± \d+)? \|$/, 'T |'))).toEqual([
    '|  | seeds | loss | loss of a million | went on | seconds |',
    '|---|---|---|---|---|---|',
    '| small steps | 2 | 0.016173 ± 0.000000 | 0.00000001617 ± 0.00000000000 | 0 ± 0 | T |',
    '| _zero (baseline)_ |  | 9.000000 ± 0.000000 | 0.000009000 ± 0.000000000 | – |  |',
  ]);
  expect(far).toMatch(/^\| far away \| 1 \| \d\.\d{6} \| /);
  expect(output).toContain('finished with slow 0 3, slow 1 3, quick 0 3, quick 1 3, far 0 30\n');
  expect(lines.at(-2)).toBe('study rates: 5 runs: 5 completed: studies/rates');
  expect((await readdir(join(out, 'rates/figures'))).sort()).toEqual(['blank.png']);

  // Another configuration than that of the existing runs.
  const other = await studyHere('rates', '--set', 'target=4');
  expect(other.status).toBe(2);
  expect(other.text).toBe(
    `${out}/rates/slow-seed-0: expected a run of this study with target 4, found one with 3; name another --out, or remove it`,
  );
  const json = await studyHere('rates', '--limit', '0', '--seeds', '1', '--json');
  expect(json.status).toBe(0);
  expect(json.text).toContain('study rates: made anew: ');
  const printed = JSON.parse(json.text.slice(json.text.indexOf('[\n'))) as StudyFile[];
  expect(printed.map(({ study: name, runs: own }) => [name, own.length])).toEqual([['rates', 3]]);
});

/** Starts the long study, and sends it a signal once its run has a checkpoint. */
async function endLongStudy(signal: NodeJS.Signals): Promise<Ended> {
  let child: ChildProcess | undefined;
  const ended = study(['long'], (_, process) => {
    child = process;
  });
  const checkpoint = join(out, 'long/only-seed-0/checkpoints/last');
  await expect.poll(() => existsSync(checkpoint), { timeout: 120_000, interval: 20 }).toBe(true);
  child!.kill(signal);
  return ended;
}

it('resumes a run from its checkpoint when the study was killed', { timeout: TIMEOUT_IN_MS }, async () => {
  expect((await endLongStudy('SIGKILL')).status).toBe(null);
  const { status, output } = await study(['long']);
  expect([status, output]).toEqual([0, expect.stringContaining('study long: 1 runs: 1 completed')]);
  const { metrics, steps } = await readSummary(join(out, 'long/only-seed-0'), 'summary.json');
  expect(steps).toBe(4000);
  expect(metrics.resumed!.step).toBeGreaterThanOrEqual(10);
  const records = await readMetrics(join(out, 'long/only-seed-0/metrics.jsonl'));
  const validations = records.filter(({ split }) => split === 'validation');
  expect(validations.map(({ step }) => step)).toEqual(Array.from({ length: 400 }, (_, index) => 10 * (index + 1)));
});

it('stops after a checkpoint, and says so', { timeout: TIMEOUT_IN_MS }, async () => {
  expect((await endLongStudy('SIGINT')).status).toBe(130);
  expect((await fileOf('long')).runs.map(({ status }) => status)).toEqual(['stopped']);
});

it('continues after a failed run, and tries it again on the next call', { timeout: TIMEOUT_IN_MS }, async () => {
  const { status, errors, output } = await study(['rates', '--seeds', '1', '--fail', 'defect']);
  expect(status).toBe(1);
  expect(errors.trim().split('\n').at(-1)).toMatch(
    /^study: 3 of 3 runs failed; slow-seed-0: train failed: weight is not a function/,
  );
  expect(output).toContain('study rates: no run is completed yet: ');
  expect((await fileOf('rates')).runs.map(({ status: each }) => each)).toEqual(['failed', 'failed', 'failed']);
  expect((await study(['rates/quick', '--seeds', '1'])).status).toBe(0);
  const { runs, table } = await fileOf('rates');
  expect(runs.map(({ status: each }) => each)).toEqual(['waiting', 'completed', 'waiting']);
  // It had saved a checkpoint before it failed.
  expect(table[0]).toMatchObject({ variant: 'quick', figures: { 'went on': { mean: 10 } } });
});

it('refuses runs on other data', { timeout: TIMEOUT_IN_MS }, async () => {
  const [five, six] = [join(folder, 'five'), join(folder, 'six')];
  await writeFile(five, '5');
  await writeFile(six, '6');
  expect((await study(['rates/far', '--data', five])).status).toBe(0);
  const run = join(out, 'rates/far-seed-0');
  for (const [argv, found] of [
    [['--data', six], `${six} (sha256:e7f6c011776e)`],
    [[], 'none of --data'],
  ] as const) {
    const { status, text } = await studyHere('rates/far', ...argv);
    const line = `${run}: expected a run of this study on the data ${found}, found one on ${five} (sha256:ef2d127de37b)`;
    expect([status, text]).toEqual([2, `${line}; give its --data, name another --out, or remove it`]);
  }
  await rename(five, six);
  expect((await studyHere('rates/far', '--data', six, '--limit', '0')).status).toBe(0);
});

it('refuses a folder that another study is using', async () => {
  await mkdir(join(out, 'rates'), { recursive: true });
  const lock = await lockFolder(join(out, 'rates'));
  const { status, text } = await studyHere('rates');
  await lock.release();
  expect(status).toBe(2);
  expect(text).toContain(`\n${out}/rates is in use by process ${process.pid}`);
  expect(existsSync(join(out, 'rates/configs'))).toBe(false);
});

it('prints the planned runs and their expected time, and trains nothing', async () => {
  const { status, text } = await studyHere('--plan');
  expect(status).toBe(0);
  expect(text).toContain('\n5 runs: 5 waiting · time unknown until a run has ended · ');
  expect(text).toContain('\n1 runs: 1 waiting · ');
  expect(existsSync(out)).toBe(false);
  // Two runs of half a minute.
  expect((await studyHere('rates/slow', '--plan')).text).toContain(' · about 1 min 00 s for 2 runs · ');
});

it.each([
  [['rate'], 'study: expected a study of rates, long, got "rate"; did you mean "rates"?'],
  [
    ['rates/quik'],
    'study: expected a variant of rates/slow, rates/quick, rates/far, got "rates/quik"; did you mean "rates/quick"?',
  ],
  [['rates', '--seeds', '0'], '--seeds: expected an integer of at least 1, got "0"'],
  [['rates', '--limit', 'x'], '--limit: expected an integer of at least 0, got "x"'],
  [['rates', '--set', 'target=far'], '--set: target expected a number, got "far"'],
  [['rates', '--resume'], "unknown option '--resume'"],
])('refuses %j before anything is made', async (argv, message) => {
  const { status, text } = await studyHere(...argv);
  expect([status, text.split('\n')[0]]).toEqual([2, message]);
  expect(existsSync(out)).toBe(false);
});

it('names a damaged study.json', async () => {
  const { status } = await studyHere('rates/far', '--limit', '0');
  expect(status).toBe(0);
  await writeFile(join(out, 'rates/study.json'), '{"runs": [{"name": 3}]}');
  const { status: damaged, text } = await studyHere('rates');
  expect([damaged, text]).toEqual([
    2,
    expect.stringContaining(`${out}/rates/study.json: expected a study, found at runs[0].name: `),
  ]);
});
