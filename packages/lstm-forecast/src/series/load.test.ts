import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSeries, type LoadOptions } from './load.ts';
import { timeAt } from './series.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-series-'));
  path = join(folder, 'load.csv');
});
afterEach(() => rm(folder, { recursive: true }));

async function load(rows: string, options: Partial<LoadOptions> = {}) {
  await writeFile(path, rows);
  return loadSeries({ path, target: 'y', time: 't', ...options });
}
const seconds = (date: string): number => Date.parse(date) / 1000;

describe('loadSeries', () => {
  it('reads a target, covariates and a time column, and infers the step', async () => {
    const { series, ...filled } = await load(
      't,wind,y,note\n2020-01-01 00:00:00,1,10,a\n2020-01-01 00:30:00,2,20,b\n2020-01-01 01:00:00,3,30,c\n',
      { covariates: ['wind'], knownAhead: ['wind'], name: 'grid' },
    );
    expect(series).toEqual({
      name: 'grid',
      frequency: { kind: 'seconds', step: 1800 },
      startTime: seconds('2020-01-01T00:00:00Z'),
      length: 3,
      target: Float64Array.of(10, 20, 30),
      covariates: { wind: Float64Array.of(1, 2, 3) },
      knownAhead: ['wind'],
    });
    expect(filled).toEqual({
      filledSteps: 0,
      filledValues: 0,
      notes: [`${path}: forecasts "y" by "t": 3 steps, half-hourly, 2020-01-01 00:00 to 2020-01-01 01:00`],
    });
  });

  it.each([
    ['dates', '2020-01-01', '2020-01-02', '2020-01-03', 86_400, '2020-01-01T00:00:00Z'],
    ['American dates', '12/31/2019', '1/1/2020', '1/2/2020', 86_400, '2019-12-31T00:00:00Z'],
    ['seconds', '1577836800', '1577836860', '1577836920', 60, '2020-01-01T00:00:00Z'],
    ['milliseconds', '1577836800000', '1577836800250', '1577836800500', 0.25, '2020-01-01T00:00:00Z'],
    ['zones', '2020-01-01T01:00+01:00', '2020-01-01T01:00Z', '2020-01-01T03:00+01:00', 3600, '2020-01-01T00:00:00Z'],
  ])('reads times that are %s', async (_, first, second, third, step, start) => {
    const { series } = await load(`t,y\n${first},1\n${second},2\n${third},3\n`);
    expect([series.frequency, series.startTime, series.length]).toEqual([{ kind: 'seconds', step }, seconds(start), 3]);
  });

  it.each(['1.2.2020', '2/30/2020', '2020-01-02'])('refuses %s after an American date', async (second) => {
    await expect(load(`t,y\n1/1/2020,1\n${second},2\n`)).rejects.toThrow(
      `row 3, column "t": expected a date such as 1/31/2014, the month first, found "${second}"`,
    );
  });

  const gaps =
    't,y\n2020-01-01 00:00,1\n2020-01-01 01:00,NaN\n2020-01-01 02:00,4\n2020-01-01 05:00,10\n2020-01-01 06:00,\n';

  it('fills gaps by the rule, and counts them', async () => {
    const straight = await load(gaps, { gaps: 'interpolate' });
    expect([...straight.series.target]).toEqual([1, 2.5, 4, 6, 8, 10, 10]);
    expect([straight.filledSteps, straight.filledValues]).toEqual([2, 2]);
    const previous = await load(gaps, { gaps: 'previous' });
    expect([...previous.series.target]).toEqual([1, 1, 4, 4, 4, 10, 10]);
    expect([...(await load('t,y\n0,\n1,\n2,7\n', { gaps: 'interpolate' })).series.target]).toEqual([7, 7, 7]);
  });

  it('takes rows as steps, each with its time', async () => {
    const { series, filledValues } = await load('t,y\n2020-01-02,5\n2020-01-03,0\n2020-01-06,7\n2020-01-07,8\n', {
      frequency: 'business-days',
      gaps: 'previous',
      missing: { y: 0 },
    });
    expect([series.length, series.frequency, filledValues]).toEqual([4, { kind: 'business-days' }, 1]);
    expect([...series.target]).toEqual([5, 5, 7, 8]);
    expect(timeAt(series, 2)).toBe(seconds('2020-01-06T00:00:00Z'));
  });

  const row = (number: number, column: string): string => `row ${number}, column "${column}": `;
  const hours = 't,y\n2020-01-01 00:00,1\n2020-01-01 01:00,2\n';
  const refused: readonly (readonly [string, string, string, Partial<LoadOptions>?])[] = [
    ['an empty file', '', 'expected a CSV table, found an empty file'],
    ['a header alone', 't,y\n', 'expected at least one row of values, found none'],
    ['one row', 't,y\n2020-01-01,1\n', `${row(2, 't')}expected at least 2 rows, found one`],
    ['no such column', 'time,y\n1,2\n', 'row 1: expected a column "t", found none'],
    [
      'no times',
      't,y\nlater,1\n',
      `${row(2, 't')}expected a date (2014-01-31 23:30, 1/31/2014, 31.1.2014), a month (1949-01), a quarter (1959-Q1), a week (1991-W06), a year or a number, found "later"`,
    ],
    [
      'times of two kinds',
      `${hours}1577836800,3\n`,
      `${row(4, 't')}expected a date such as 2014-01-31 23:30:00, found`,
    ],
    ['no number', `${hours}2020-01-01 02:00,much\n`, `${row(4, 'y')}expected a number, found "much"`],
    [
      'a NaN',
      `${hours}2020-01-01 02:00,NaN\n`,
      `${row(4, 'y')}expected a number, found a missing value; --gaps interpolate or previous fills it`,
    ],
    [
      'a value that stands for none',
      hours,
      `${row(3, 'y')}expected a value, found 2, which stands for none`,
      { missing: { y: 2 } },
    ],
    [
      'time that goes backwards',
      `${hours}2020-01-01 00:30,3\n`,
      `${row(4, 't')}expected a time after 2020-01-01 01:00, found 2020-01-01 00:30`,
    ],
    [
      'a time twice',
      `${hours}2020-01-01 01:00,3\n`,
      `${row(4, 't')}expected every time once, found 2020-01-01 01:00 in row 3, too; --duplicates mean, first or last takes one value of both`,
    ],
    [
      'a gap',
      `${hours}2020-01-01 02:00,3\n2020-01-01 05:00,4\n`,
      `${row(5, 't')}expected the next step (hourly), 2020-01-01 03:00, found 2020-01-01 05:00`,
    ],
    [
      'half a step',
      `${hours}2020-01-01 02:00,3\n2020-01-01 03:30,4\n`,
      `${row(5, 't')}expected whole steps (hourly) from 2020-01-01 00:00, found 2020-01-01 03:30:00`,
      { gaps: 'previous' },
    ],
    [
      'too long a gap',
      't,y\n0,1\n1,2\n2,2\n1e9,3\n',
      `${row(5, 't')}expected at most 10000000 steps (1 apart)`,
      { gaps: 'previous' },
    ],
    [
      'nothing to fill from',
      't,y\n0,\n1,2\n',
      'column "y": expected a value to fill the first gap from, found none before it',
      { gaps: 'previous' },
    ],
    ['no value at all', 't,y\n0,\n1,\n', 'column "y": expected a value to fill', { gaps: 'interpolate' }],
  ];
  const cases = refused.map(([what, rows, message, options = {}]) => [what, rows, message, options] as const);
  it.each(cases)('refuses %s in one line', async (_, rows, message, options) => {
    const loading = load(rows, options);
    await expect(loading).rejects.toThrow(UserError);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(/^[^\n]*load\.csv[^\n]*$/);
  });

  it('refuses columns named twice, and unread columns known ahead', async () => {
    await expect(load('', { covariates: ['y'] })).rejects.toThrow('covariates, got "y" twice');
    await expect(load('', { covariates: ['a'], knownAhead: ['b'] })).rejects.toThrow('among the covariates, got "b"');
  });
});
