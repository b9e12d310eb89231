import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frequencyName } from './frequency.ts';
import { loadSeries, type LoadOptions } from './load.ts';
import { shownStep, timeAt } from './series.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-tables-'));
  path = join(folder, 'any.csv');
});
afterEach(() => rm(folder, { recursive: true }));

async function load(rows: readonly string[], options: Partial<LoadOptions> = {}) {
  await writeFile(path, `${rows.join('\n')}\n`);
  return loadSeries({ path, ...options });
}

/** Frequency, first and last step, and the step after the end. */
async function spanOf(stamps: readonly string[], options: Partial<LoadOptions> = {}): Promise<string[]> {
  const { series } = await load(['when,value', ...stamps.map((stamp, row) => `${stamp},${10 + row ** 2}`)], options);
  return [
    frequencyName(series.frequency),
    ...[0, series.length - 1, series.length].map((step) => shownStep(series, step)),
  ];
}

describe('times of a table', () => {
  const days = ['2014-01-30', '2014-02-01', '2014-02-02'];
  it.each<[string[], string, string, string, string]>([
    [['1949-01', '1949-02', '1949-03'], 'monthly', '1949-01', '1949-03', '1949-04'],
    [['1949/11', '1949/12', '1950/01'], 'monthly', '1949-11', '1950-01', '1950-02'],
    [['1949M11', '1949M12', '1950M1'], 'monthly', '1949-11', '1950-01', '1950-02'],
    [['11/1949', '12/1949', '01/1950'], 'monthly', '1949-11', '1950-01', '1950-02'],
    [['194911', '194912', '195001'], 'monthly', '1949-11', '1950-01', '1950-02'],
    [['Nov 1949', 'Dec 1949', 'Jan 1950'], 'monthly', '1949-11', '1950-01', '1950-02'],
    [['1949 November', '1949 December', '1950 January'], 'monthly', '1949-11', '1950-01', '1950-02'],
    [['"Dec 1, 1999"', '"Jan 1, 2000"', '"Feb 1, 2000"'], 'monthly', '1999-12', '2000-02', '2000-03'],
    [['1949.0', '1949.083', '1949.167'], 'monthly', '1949-01', '1949-03', '1949-04'],
    [['1949.0', '1949.25', '1949.5'], 'quarterly', '1949-Q1', '1949-Q3', '1949-Q4'],
    [['1959Q3', '1959Q4', '1960Q1'], 'quarterly', '1959-Q3', '1960-Q1', '1960-Q2'],
    [['1959-Q3', '1959-Q4', '1960-Q1'], 'quarterly', '1959-Q3', '1960-Q1', '1960-Q2'],
    [['Q3 1959', 'Q4 1959', 'Q1 1960'], 'quarterly', '1959-Q3', '1960-Q1', '1960-Q2'],
    [['1700', '1701', '1702'], 'yearly', '1700', '1702', '1703'],
    [['1700.0', '1701.0', '1702.0'], 'yearly', '1700', '1702', '1703'],
    [['1999-12-31', '2000-12-31', '2001-12-31'], 'yearly', '1999', '2001', '2002'],
    [['1992-W52', '1992-W53', '1993-W01'], 'weekly', '1992-12-21', '1993-01-04', '1993-01-11'],
    [['2012/01/30', '2012/01/31', '2012/02/01'], 'daily', '2012-01-30', '2012-02-01', '2012-02-02'],
    [['1/30/2014', '1/31/2014', '2/1/2014'], 'daily', '2014-01-30', '2014-02-01', '2014-02-02'],
    [['30/1/2014', '31/1/2014', '1/2/2014'], 'daily', '2014-01-30', '2014-02-01', '2014-02-02'],
    // Each may be the first days of January; as months they are regular over the year's end.
    [['1/11/2013', '1/12/2013', '1/1/2014', '1/2/2014'], 'monthly', '2013-11', '2014-02', '2014-03'],
    [['1/1/2014', '1/2/2014', '1/3/2014'], 'daily', '2014-01-01', '2014-01-03', '2014-01-04'],
    [['1/30/14', '1/31/14', '2/1/14'], 'daily', '2014-01-30', '2014-02-01', '2014-02-02'],
    [['30.01.2014', '31.01.2014', '1.2.2014'], 'daily', '2014-01-30', '2014-02-01', '2014-02-02'],
    [['30-Jan-2014', '31-Jan-2014', '1-Feb-2014'], 'daily', '2014-01-30', '2014-02-01', '2014-02-02'],
    [['20140130', '20140131', '20140201'], 'daily', '2014-01-30', '2014-02-01', '2014-02-02'],
    [['2014-01-30 00:00', '2014-01-31 00:00', '2014-02-01 00:00'], 'daily', '2014-01-30', '2014-02-01', '2014-02-02'],
    [
      ['2014-06-01 22:00', '2014-06-01 23:00', '2014-06-02 00:00'],
      'hourly',
      '2014-06-01 22:00',
      '2014-06-02 00:00',
      '2014-06-02 01:00',
    ],
    [
      ['1/30/2014 11:00 PM', '1/31/2014 12:00 AM', '1/31/2014 1:00 AM'],
      'hourly',
      '2014-01-30 23:00',
      '2014-01-31 01:00',
      '2014-01-31 02:00',
    ],
    [
      ['31.12.2014 23:50', '31.12.2014 24:00', '1.1.2015 00:10'],
      '10 minutes',
      '2014-12-31 23:50',
      '2015-01-01 00:10',
      '2015-01-01 00:20',
    ],
    // Days keep the date of their own zone.
    [
      ['2014-03-29T00:00+01:00', '2014-03-30T00:00+01:00', '2014-03-31T00:00+02:00'],
      'daily',
      '2014-03-29',
      '2014-03-31',
      '2014-04-01',
    ],
    [
      ['1577836800000', '1577840400000', '1577844000000'],
      'hourly',
      '2020-01-01 00:00',
      '2020-01-01 02:00',
      '2020-01-01 03:00',
    ],
    // Neither years nor seconds since 1970: numbers that count.
    [['0.5', '1.0', '1.5'], 'rows', '0', '2', '3'],
    [['-6000', '-5999', '-5998'], 'rows', '0', '2', '3'],
    [['2014.1', '2014.12', '2014.5'], 'rows', '0', '2', '3'],
  ])('%j are read', async (stamps, ...expected) => {
    expect(await spanOf(stamps, { time: 'when' })).toEqual(expected);
  });

  it('are business days where weekends are missing, and now and then a holiday', async () => {
    // Thursday 24 to Thursday 31 December 2015, without Friday, Christmas.
    const stamps = ['2015-12-24', '2015-12-28', '2015-12-29', '2015-12-30', '2015-12-31'];
    expect(await spanOf(stamps)).toEqual(['business-days', '2015-12-24', '2015-12-31', '2016-01-01']);
    expect(await spanOf(stamps.slice(1))).toEqual(['daily', '2015-12-28', '2015-12-31', '2016-01-01']);
    expect(await spanOf(stamps.slice(1), { frequency: 'business-days' })).toEqual([
      'business-days',
      '2015-12-28',
      '2015-12-31',
      '2016-01-01',
    ]);
  });

  it.each([
    ['2014-02-29'],
    ['2014-13-01'],
    ['2014-W54'],
    ['2014-01-01 24:01'],
    ['2014-01-01 13:00 PM'],
    ['2014-Q5'],
    ['31 Janvember 2014'],
    ['half past nine'],
  ])('%s is none', async (stamp) => {
    await expect(load(['when,value', `${stamp},1`, '2014-03-01,2'], { time: 'when' })).rejects.toThrow(
      'column "when": expected a',
    );
  });

  it('may come with the newest row first', async () => {
    const { series, notes } = await load(['date,value', ...days.toReversed().map((day, row) => `${day},${row}`)], {
      gaps: 'interpolate',
    });
    expect([...series.target]).toEqual([2, 1.5, 1, 0]);
    expect(shownStep(series, 0)).toBe('2014-01-30');
    expect(notes[1]).toBe(`${path}: the newest row comes first; the rows are turned round`);
  });

  it('may lack a month, which is filled', async () => {
    const rows = ['month,value', '1949-11,1', '1949-12,2', '1950-02,4', '1950-03,5', '1950-04,6'];
    await expect(load(rows)).rejects.toThrow(
      'row 4, column "month": expected the next step (monthly), 1950-01, found 1950-02; --gaps interpolate or previous fills missing steps, --frequency rows takes the rows as they come',
    );
    const { series, filledSteps } = await load(rows, { gaps: 'interpolate' });
    expect([[...series.target], filledSteps]).toEqual([[1, 2, 3, 4, 5, 6], 1]);
    const taken = await load(rows, { frequency: 'rows' });
    expect([[...taken.series.target], taken.series.startTime]).toEqual([[1, 2, 4, 5, 6], undefined]);
  });

  it('have one row per step of a frequency that is asked for', async () => {
    const rows = ['day,value', ...days.map((day) => `${day},1`)];
    await expect(load(rows, { frequency: 'monthly' })).rejects.toThrow(
      'row 4, column "day": expected one row per step (monthly), found a second of 2014-02',
    );
    await expect(load(rows, { frequency: 'often' })).rejects.toThrow('data.frequency: expected minutely');
  });
});

describe('a time twice', () => {
  const rows = ['t,y', '2020-01-01,1', '2020-01-02,2', '2020-01-02,', '2020-01-02,7', '2020-01-03,3'];
  it('is an error that names both rows and the way out', async () => {
    await expect(load(rows)).rejects.toThrow(
      new UserError(
        `${path}: row 4, column "t": expected every time once, found 2020-01-02 in row 3, too; --duplicates mean, first or last takes one value of both`,
      ),
    );
  });

  it.each([
    [['2001', '2002', '2002'], 'every time once, found 2002 in row 3'],
    [['2001-01', '2001-02', '2001-02'], 'every time once, found 2001-02 in row 3'],
    [['2001', '2002', '2001'], 'a time after 2002, found 2001, as if another series began; a table holds one'],
    [
      ['2001-01-01 00:30', '2001-01-01 01:00', '2001-01-01 00:45'],
      'a time after 2001-01-01 01:00, found 2001-01-01 00:45',
    ],
  ])('or a step back is written as in the table: %j', async (stamps, message) => {
    const loading = load(['year,y', ...stamps.map((stamp) => `${stamp},1`)], { time: 'year', target: 'y' });
    await expect(loading).rejects.toThrow(`row 4, column "year": expected ${message}`);
  });

  it.each([
    ['mean', 4.5],
    ['first', 2],
    ['last', 7],
  ] as const)('may be joined: %s', async (duplicates, value) => {
    const { series, notes } = await load(rows, { duplicates, gaps: 'previous' });
    expect([...series.target]).toEqual([1, value, 3]);
    expect(notes).toContain(`${path}: rows that share "t" with another (2) are joined (--duplicates ${duplicates})`);
    const reversed = await load([rows[0]!, ...rows.slice(1).toReversed()], { duplicates, gaps: 'previous' });
    expect(reversed.series.target[1]).toBe(duplicates === 'mean' ? value : 9 - value);
  });
});

describe('a local clock', () => {
  /** Stamps of an hour's fractions from 2019-10-27 00:00 on, as clocks in Berlin show them. */
  const autumn = (minutes: readonly string[]): string[] =>
    ['00', '01', '02', '02', '03', '04', '05'].flatMap((hour) => minutes.map((each) => `2019-10-27 ${hour}:${each}`));
  const spring = ['2020-03-29 00:00', '2020-03-29 01:00', '2020-03-29 03:00', '2020-03-29 04:00', '2020-03-29 05:00'];
  const table = (stamps: readonly string[]): string[] => ['t,y', ...stamps.map((stamp, row) => `${stamp},${row}`)];

  it('leaves out an hour in spring, which is filled', async () => {
    const { series, filledSteps, notes } = await load(table(spring));
    expect([[...series.target], filledSteps]).toEqual([[0, 1, 1.5, 2, 3, 4], 0]);
    expect(notes[1]).toBe(
      `${path}: "t" is a local clock: steps left out in spring (1) are interpolated, rows of a repeated hour in autumn (0) are averaged; times with offsets (+01:00) are exact`,
    );
  });

  it('repeats an hour in autumn, whose rows are averaged', async () => {
    const { series, notes } = await load(table(autumn(['00'])));
    expect([...series.target]).toEqual([0, 1, 2.5, 4, 5, 6]);
    expect(notes[1]).toContain('a repeated hour in autumn (1)');
    const halves = await load(table(autumn(['00', '30'])));
    expect([...halves.series.target]).toEqual([0, 1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13]);
  });

  it('is no excuse for gaps and repetitions at other times', async () => {
    const later = (stamps: readonly string[]): string[] =>
      table(stamps.map((stamp) => stamp.replace(/-\d\d /, '-24 ')));
    await expect(load(later(spring))).rejects.toThrow('row 4, column "t": expected the next step (hourly)');
    await expect(load(later(autumn(['00'])))).rejects.toThrow('expected every time once');
    const days = ['2020-03-22', '2020-03-29', '2020-03-29', '2020-04-05'];
    await expect(load(table(days))).rejects.toThrow('expected every time once');
  });

  it('is exact where times have offsets', async () => {
    const stamps = autumn(['00']).map((stamp, row) => `${stamp}${row < 3 ? '+02:00' : '+01:00'}`);
    const { series, notes } = await load(table(stamps));
    expect([[...series.target], notes.length]).toEqual([[0, 1, 2, 3, 4, 5, 6], 1]);
    expect(shownStep(series, 0)).toBe('2019-10-26 22:00');
    const skipping = spring.map((stamp, row) => `${stamp}${row < 2 ? '+01:00' : '+02:00'}`);
    expect([...(await load(table(skipping))).series.target]).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('columns of a table', () => {
  it('are found where one is a time and one a number', async () => {
    const { series, notes } = await load([',note,date,sales', '0,a,2020-01-01,5', '1,b,2020-01-02,7']);
    expect([...series.target]).toEqual([5, 7]);
    expect(notes).toEqual([`${path}: forecasts "sales" by "date": 2 steps, daily, 2020-01-01 to 2020-01-02`]);
  });

  it('may have no time, so that rows are steps', async () => {
    const rows = ['sales', '5', '7', '6'];
    const { series, notes } = await load(rows);
    expect([series.frequency, series.startTime, series.length]).toEqual([{ kind: 'rows' }, undefined, 3]);
    expect(notes[0]).toContain('forecasts "sales" by row: 3 steps without dates');
    const monthly = await load(rows, { frequency: 'monthly' });
    expect([monthly.series.frequency, shownStep(monthly.series, 3)]).toEqual([{ kind: 'months', step: 1 }, '3']);
    expect(timeAt(monthly.series, 3)).toBe(Date.parse('1970-04-01') / 1000);
  });

  it('need names', async () => {
    await expect(load(['1949-01,112', '1949-02,118', '1949-03,132'])).rejects.toThrow(
      new UserError(`${path}: row 1: expected names of the columns (time,value), found values: "1949-01", "112"`),
    );
    const { series } = await load(['month,1949', '1949-02,118', '1949-03,132']);
    expect([...series.target]).toEqual([118, 132]);
  });

  it('are asked for where several may be meant', async () => {
    await expect(load(['date,a,b', '2020-01-01,1,2'])).rejects.toThrow(
      new UserError(`${path}: expected --target, the column to forecast, one of "a", "b", got none`),
    );
    await expect(load(['begin,end,a', '2020-01-01,2020-01-02,2'])).rejects.toThrow(
      new UserError(`${path}: expected --time, the column of times, one of "begin", "end", got none`),
    );
    await expect(load(['date,a', '2020-01-01,much'])).rejects.toThrow(
      new UserError(`${path}: expected a column of numbers to forecast, found "a"`),
    );
    await expect(load(['date,price', '2020-01-01,1'], { target: 'Price' })).rejects.toThrow(
      'row 1: expected a column "Price", found none; did you mean "price"?',
    );
    const { series } = await load(['begin,end,a,b', '2020-01-01,2020-02-01,2,3', '2020-01-02,2020-02-02,4,5'], {
      time: 'end',
      target: 'b',
      covariates: ['a'],
    });
    expect([shownStep(series, 0), ...series.target, ...series.covariates.a!]).toEqual(['2020-02-01', 3, 5, 2, 4]);
  });
});

describe('numbers of a table', () => {
  it.each<[string, string, string[], number[]]>([
    ['a semicolon and decimal commas', ';', ['1,5', '2,25', '-3'], [1.5, 2.25, -3]],
    ['a semicolon and decimal points', ';', ['1.5', '2.25', '-3'], [1.5, 2.25, -3]],
    ['a semicolon and three decimals', ';', ['1,500', '2,250', '3,125'], [1.5, 2.25, 3.125]],
    ['points between thousands', ';', ['1.234,5', '999', '1.234.567,25'], [1234.5, 999, 1234567.25]],
    ['a tab', '\t', ['1.5', '2', '3'], [1.5, 2, 3]],
    ['a vertical bar', '|', ['1.5', '2', '3'], [1.5, 2, 3]],
    ['quoted thousands', ',', ['"1,234"', '999', '"1,234,567.5"'], [1234, 999, 1234567.5]],
    ['quoted decimal commas', ',', ['"1,5"', '"2,25"', '3'], [1.5, 2.25, 3]],
    ['spaces between thousands', ';', ['1 234,5', '999', '12\u202f345'], [1234.5, 999, 12345]],
    ['apostrophes between thousands', ',', ["1'234.5", '999', '12’345'], [1234.5, 999, 12345]],
  ])('may have %s', async (_, delimiter, values, expected) => {
    const rows = [['date', 'value'], ...values.map((value, row) => [`${row + 1}.12.2014`, value])];
    const { series } = await load(rows.map((row) => row.join(delimiter)));
    expect([...series.target]).toEqual(expected);
    expect([shownStep(series, 0), series.frequency]).toEqual(['2014-12-01', { kind: 'seconds', step: 86_400 }]);
  });

  it.each([
    [',', 'a number'],
    [';', 'a number (with a decimal comma)'],
  ])('are refused where they are text, between "%s"', async (delimiter, expected) => {
    const rows = [
      ['a', 'b'],
      ['1', '2'],
      ['3', 'x'],
    ].map((row) => row.join(delimiter));
    await expect(load(rows, { target: 'b' })).rejects.toThrow(
      new UserError(`${path}: row 3, column "b": expected ${expected}, found "x"`),
    );
  });
});
