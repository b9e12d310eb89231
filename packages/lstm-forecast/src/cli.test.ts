import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeAt } from './series/series.ts';
import { waves } from './testing/series.ts';

interface Summary {
  readonly command: string;
  readonly status: string;
  readonly steps: number;
  readonly metrics: { readonly test: Record<string, number> };
  readonly baselines: Record<string, Record<string, number>>;
}

/** Runs the command line as users' scripts do. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);

function csvOf(rows: number): string[] {
  const series = waves(rows, 5);
  const moment = (step: number): string => new Date(timeAt(series, step) * 1000).toISOString();
  return ['t,y', ...Array.from(series.target, (value, step) => `${moment(step)},${value.toFixed(4)}`)];
}

describe('the command line', () => {
  let folder: string;
  let data: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-lstm-forecast-'));
    data = join(folder, 'waves.csv');
    trained = join(folder, 'run');
    await writeFile(data, csvOf(400).join('\n'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const own = ['--horizon', '6'];
  const tiny = ['--set', 'model.window=8', '--set', 'model.units=4', '--batch-size', '16', '--steps', '4'];

  it('trains on any CSV, and prints only its summary', async () => {
    const argv = ['train', '--json', '--backend', 'cpu', '--data', data, ...own, '--out', trained, ...tiny];
    const { status, output, errors } = await run(...argv);
    expect(errors).not.toContain('Error');
    expect(errors).toContain(
      'waves.csv: forecasts "y" by "t": 400 steps, 2 hours, 1970-01-01 00:00 to 1970-02-03 06:00',
    );
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(summary).toMatchObject({ command: 'train', status: 'completed', steps: 4 });
    expect(Object.keys(summary.metrics.test)).toEqual(
      expect.arrayContaining(['loss', 'rmse', 'mae', 'rmseAt1', 'rmseAt6', 'coverage50', 'coverage90']),
    );
    expect(Object.keys(summary.baselines)).toEqual([
      'linear',
      'persistence',
      'seasonalNaive',
      'ridge',
      'ridgeRecursive',
      'nlinear',
    ]);
    for (const name of [
      'forecast-1',
      'rolling-forecasts',
      'one-step-ahead',
      'errors-by-horizon',
      'calibration',
      'learning-curve',
    ])
      expect(existsSync(join(trained, 'figures', `${name}.png`))).toBe(true);
    const table = (await readFile(join(trained, 'errors-by-horizon.csv'), 'utf8')).trim().split('\n');
    expect(table).toHaveLength(7);
    expect(table[0]).toMatch(/^steps_ahead,lstm_rmse,lstm_mae,linear_rmse,linear_mae,persistence_rmse/);
  });

  it('evaluates, predicts and draws figures of a run', async () => {
    const argv = ['--json', '--backend', 'cpu', '--run', trained, '--data', data];
    const evaluated = await run('evaluate', ...argv);
    expect(evaluated).toMatchObject({ status: 0 });
    const summary = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    expect((JSON.parse(evaluated.output) as Summary).metrics.test).toEqual(summary.metrics.test);
    const beyond = join(folder, 'beyond');
    expect(await run('predict', ...argv, '--out', beyond)).toMatchObject({ status: 0 });
    const rows = (await readFile(join(beyond, 'predictions.csv'), 'utf8')).trim().split('\n');
    expect(rows).toHaveLength(7);
    expect(rows[0]).toBe('time,mean,quantile_0.05,quantile_0.25,quantile_0.5,quantile_0.75,quantile_0.95');
    // The first step after the end.
    expect(rows[1]).toContain('1970-02-03 08:00,');
    const within = await run('predict', ...argv, '--start', '1970-02-01T00:00', '--out', join(folder, 'within'));
    expect(within.errors).toContain('1970-02-01 00:00,');
    await rm(join(trained, 'figures'), { recursive: true });
    expect(await run('figures', ...argv)).toMatchObject({ status: 0 });
    expect(existsSync(join(trained, 'figures', 'learning-curve.png'))).toBe(true);
    const nowhere = await run('predict', ...argv, '--start', '3', '--out', join(folder, 'nowhere'));
    expect(nowhere).toMatchObject({ status: 2 });
    expect(nowhere.errors).toContain('--start: expected a step from 8 to 400');
  });

  const lines = csvOf(60);
  const swapped = [...lines.slice(0, 5), lines[8]!, ...lines.slice(5)];
  it.each([
    ['empty', '', 'expected a CSV table, found an empty file'],
    ['shorter than a window', lines.slice(0, 12).join('\n'), 'too short: expected at least'],
    // The training would succeed, and the test part have no forecast.
    [
      'with too short a test part',
      lines.slice(0, 31).join('\n'),
      'too short: expected at least 39 steps for a window of 8, a horizon of 6 and the validation and test parts, got 30',
    ],
    ['that has two columns to forecast', 'a,b\n1,2\n3,4', 'expected --target, the column to forecast, one of "a", "b"'],
    ['whose time goes backwards', swapped.join('\n'), 'row 7, column "t": expected a time after'],
  ])('exits with 2 and one line for a file %s', async (name, text, line) => {
    const path = join(folder, `${name}.csv`);
    await writeFile(path, text);
    const out = join(folder, `bad ${name}`);
    const columns = text.startsWith('t,y') || text === '' ? own : [];
    const argv = ['train', '--backend', 'cpu', '--data', path, ...columns, ...tiny, '--out', out];
    const { status, errors } = await run(...argv);
    const last = errors.trim().split('\n').at(-1)!;
    expect(last).toContain(line);
    expect(errors).not.toContain('    at ');
    expect(status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [['--target', 'y', '--data', 'nothing.csv'], 'nothing.csv: expected a CSV table, found: no such file or folder'],
    [['--set', 'data.problem=csv'], 'expected --data FILE'],
    [['--horizon'], '--horizon: expected a value'],
  ])('exits with 2 and one line for %j', async (argv, line) => {
    const { status, errors } = await run('train', '--backend', 'cpu', '--out', join(folder, 'bad'), ...argv);
    expect(errors.trim().split('\n').at(-1)).toContain(line);
    expect(status).toBe(2);
  });
});
