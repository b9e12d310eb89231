import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Summary } from '../run/summary.ts';
import { runLearner } from './testing/learner.ts';

/** The data of the learner are the number that it learns. */
let folder: string;
let out: string;
let five: string;
let six: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-data-'));
  [out, five, six] = ['out', 'five', 'six'].map((name) => join(folder, name)) as [string, string, string];
  await writeFile(five, '5');
  await writeFile(six, '6');
});
afterEach(() => rm(folder, { recursive: true }));

async function learner(...argv: string[]): Promise<{ status: number; output: string; errors: string }> {
  const written = { output: '', errors: '' };
  for (const [stream, name] of [
    [process.stdout, 'output'],
    [process.stderr, 'errors'],
  ] as const)
    vi.spyOn(stream, 'write').mockImplementation((text) => (written[name] += String(text)).length > 0);
  try {
    return { status: await runLearner(argv), ...written };
  } finally {
    vi.restoreAllMocks();
  }
}

const record = async (): Promise<unknown> => JSON.parse(await readFile(join(out, 'data.json'), 'utf8'));
/** Baseline of the learner: the square of its data. Says which data were loaded. */
const baselineOf = (output: string): unknown => (JSON.parse(output) as Summary).baselines.zero?.loss;
const DIGEST_OF_FIVE = 'sha256:ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d';
const SHORT_FIVE = 'sha256:ef2d127de37b';
const SHORT_SIX = 'sha256:e7f6c011776e';

describe('a run on data of the user', () => {
  beforeEach(async () => {
    expect((await learner('train', '--data', five, '--out', out)).status).toBe(0);
  });

  it('records their path and digest', async () => {
    // The digest of `printf 5 | sha256sum`.
    expect(await record()).toEqual({ path: five, digest: DIGEST_OF_FIVE });
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain(` --data ${five}`);
  });

  it('goes on with them without --data', async () => {
    const resumed = await learner('train', '--resume', out, '--steps', '40', '--json');
    expect([resumed.status, baselineOf(resumed.output)]).toEqual([0, 25]);
    const evaluated = await learner('evaluate', '--run', out, '--json');
    expect([evaluated.status, baselineOf(evaluated.output)]).toEqual([0, 25]);
    expect((await learner('figures', '--run', out)).status).toBe(0);
  });

  it('goes on with a moved file that --data names, and remembers its place', async () => {
    const moved = join(folder, 'moved');
    await rename(five, moved);
    const gone = await learner('train', '--resume', out, '--steps', '40');
    expect(gone).toMatchObject({
      status: 2,
      errors: `${five}: expected the data of the training, ${five} (${SHORT_FIVE}), found no such file or folder; if they were moved, name their place with --data\n`,
    });
    const evaluated = await learner('evaluate', '--run', out, '--data', moved, '--json');
    expect([evaluated.status, evaluated.errors.includes('other data')]).toEqual([0, false]);
    expect((await learner('train', '--resume', out, '--data', moved, '--steps', '40')).status).toBe(0);
    expect(await record()).toEqual({ path: moved, digest: DIGEST_OF_FIVE });
    expect((await learner('evaluate', '--run', out)).status).toBe(0);
  });

  it.each([
    ['other data are named', () => Promise.resolve(), () => six, ''],
    [
      'their content has changed',
      () => writeFile(five, '6'),
      () => five,
      '; if they were moved, name their place with --data',
    ],
  ])('is not resumed where %s', async (_, change, path, hint) => {
    await change();
    const config = await readFile(join(out, 'config.json'));
    const metrics = await readFile(join(out, 'metrics.jsonl'));
    expect(await learner('train', '--resume', out, '--data', path(), '--steps', '40')).toEqual({
      status: 2,
      output: '',
      errors: `${path()}: expected the data of the training, ${five} (${SHORT_FIVE}), found other content (${SHORT_SIX})${hint}\n`,
    });
    expect(await readFile(join(out, 'config.json'))).toEqual(config);
    expect(await readFile(join(out, 'metrics.jsonl'))).toEqual(metrics);
    expect(await record()).toEqual({ path: five, digest: DIGEST_OF_FIVE });
  });

  it('is evaluated on other data where --data names them, with a word, and not where they changed', async () => {
    const other = await learner('evaluate', '--run', out, '--data', six, '--json');
    expect([other.status, baselineOf(other.output)]).toEqual([0, 36]);
    expect(other.errors).toContain(`other data than those of the training: ${six}\n`);
    expect(await record()).toEqual({ path: five, digest: DIGEST_OF_FIVE });
    await writeFile(five, '6');
    const changed = await learner('evaluate', '--run', out);
    expect([changed.status, changed.errors]).toEqual([
      2,
      expect.stringContaining(`found other content (${SHORT_SIX})`),
    ]);
  });
});

it('a run without data of the user is not resumed with some, and says so', async () => {
  expect((await learner('train', '--out', out)).status).toBe(0);
  expect(await record()).toEqual({ path: null, digest: null });
  expect(await learner('train', '--resume', out, '--data', five)).toMatchObject({
    status: 2,
    errors: `--data: expected none, as the run in ${out} was trained without, got ${five}\n`,
  });
  expect((await learner('train', '--resume', out, '--steps', '40')).status).toBe(0);
});

it('a run without a record takes the data that it is given', async () => {
  expect((await learner('train', '--data', five, '--out', out)).status).toBe(0);
  await rm(join(out, 'data.json'));
  const resumed = await learner('train', '--resume', out, '--data', five, '--steps', '40', '--json');
  expect([resumed.status, baselineOf(resumed.output)]).toEqual([0, 25]);
  const evaluated = await learner('evaluate', '--run', out, '--json');
  expect([evaluated.status, baselineOf(evaluated.output)]).toEqual([0, 9]);
});

it.each([
  ['{', "expected a record of a run's data in JSON, found damaged text"],
  [
    '{"path": 3, "digest": null}',
    "expected a record of a run's data, found at path: Invalid input: expected string, received number",
  ],
  ['null', "expected a record of a run's data, found at the whole: Invalid input: expected object, received null"],
])('a damaged record %s is an error in one line', async (text, message) => {
  expect((await learner('train', '--data', five, '--out', out)).status).toBe(0);
  await writeFile(join(out, 'data.json'), text);
  for (const argv of [
    ['train', '--resume', out],
    ['evaluate', '--run', out],
  ]) {
    const { status, errors } = await learner(...argv);
    expect([status, errors]).toEqual([2, expect.stringMatching(/^[^\n]*\n$/)]);
    expect(errors).toContain(`${join(out, 'data.json')}: ${message}`);
  }
});
