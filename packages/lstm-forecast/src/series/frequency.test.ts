import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import {
  defaultHorizon,
  frequencyName,
  frequencyOf,
  parseFrequency,
  seasonsOfFrequency,
  shownTime,
  timeAfter,
  type Frequency,
} from './frequency.ts';

const seconds = (date: string): number => Date.parse(`${date}${date.includes(':') ? 'Z' : ''}`) / 1000;
const found = (...dates: readonly string[]): string => frequencyName(frequencyOf(Float64Array.from(dates, seconds)));
const after = (frequency: string, start: string, steps: readonly number[]): string[] => {
  const each = parseFrequency(frequency);
  return steps.map((step) => shownTime({ kind: 'seconds', step: 60 }, timeAfter(each, seconds(start), step)));
};

describe('frequencyOf', () => {
  it.each<[string, string[]]>([
    ['monthly', ['2020-01-01', '2020-02-01', '2020-03-01', '2020-04-01']],
    ['monthly', ['2019-12-01', '2020-01-01']],
    // Month ends, the last days of a month that are no weekend, and a month without a row.
    ['monthly', ['2019-11-30', '2019-12-31', '2020-01-31', '2020-02-29', '2020-03-31']],
    ['monthly', ['2020-01-31', '2020-02-28', '2020-03-31', '2020-04-30', '2020-05-29', '2020-06-30']],
    ['monthly', ['2020-01-01', '2020-02-01', '2020-04-01', '2020-05-01', '2020-06-01']],
    ['monthly', ['2019-12-30', '2020-01-30', '2020-02-29', '2020-03-30']],
    ['quarterly', ['1959-01-01', '1959-04-01', '1959-07-01', '1959-10-01', '1960-01-01']],
    ['quarterly', ['1959-03-31', '1959-06-30', '1959-09-30', '1959-12-31']],
    ['yearly', ['1700-01-01', '1701-01-01', '1702-01-01', '1704-01-01', '1705-01-01']],
    ['6 months', ['2000-03-01', '2000-09-01', '2001-03-01', '2001-09-01']],
    ['10 years', ['1790-01-01', '1800-01-01', '1810-01-01', '1820-01-01']],
    // Four weeks are no month.
    ['4 weeks', ['2020-01-06', '2020-02-03', '2020-03-02', '2020-03-30', '2020-04-27']],
    ['30 days', ['2020-01-06', '2020-02-05', '2020-03-06', '2020-04-05', '2020-05-05']],
    ['weekly', ['2020-01-06', '2020-01-13', '2020-01-20']],
    ['daily', ['2020-01-06', '2020-01-07', '2020-01-08', '2020-01-09', '2020-01-10']],
    ['daily', ['2020-01-03', '2020-01-04', '2020-01-06', '2020-01-07']],
    // From Thursday over a weekend; 1 May is a holiday.
    ['business-days', ['2020-04-30', '2020-05-04', '2020-05-05', '2020-05-06', '2020-05-07', '2020-05-08']],
    ['business-days', ['2020-01-02', '2020-01-03', '2020-01-06', '2020-01-07', '2020-01-08']],
    ['hourly', ['2020-01-06 00:00', '2020-01-06 01:00', '2020-01-06 02:00']],
    ['10 minutes', ['2020-01-06 00:00', '2020-01-06 00:10', '2020-01-06 00:20']],
    ['0.25 seconds', ['2020-01-06 00:00:00', '2020-01-06 00:00:00.250', '2020-01-06 00:00:00.500']],
  ])('finds %s', (name, dates) => {
    expect(found(...dates)).toBe(name);
  });
});

describe('timeAfter', () => {
  it('follows the calendar', () => {
    expect(after('monthly', '1962-11-01', [0, 1, 2, -11])).toEqual([
      '1962-11-01 00:00',
      '1962-12-01 00:00',
      '1963-01-01 00:00',
      '1961-12-01 00:00',
    ]);
    expect(after('monthly', '2019-12-31 06:00', [2, 3])).toEqual(['2020-02-29 06:00', '2020-03-31 06:00']);
    expect(after('monthly', '2019-12-30', [2, 3])).toEqual(['2020-02-29 00:00', '2020-03-30 00:00']);
    expect(after('quarterly', '1959-01-01', [5])).toEqual(['1960-04-01 00:00']);
    expect(after('yearly', '1700-01-01', [309])).toEqual(['2009-01-01 00:00']);
    expect(after('2 weeks', '2020-02-24', [1])).toEqual(['2020-03-09 00:00']);
  });

  it('leaves out weekends, before 1970 as well', () => {
    // A Wednesday.
    expect(after('business-days', '2020-01-08 16:00', [0, 2, 3, 7, 8, -2, -3])).toEqual(
      ['08', '10', '13', '17', '20', '06', '03'].map((day) => `2020-01-${day} 16:00`),
    );
    expect(after('business-days', '1928-12-28', [1])).toEqual(['1928-12-31 00:00']);
    // From a Saturday on.
    expect(after('business-days', '2020-01-11', [0, 1, -1])).toEqual([
      '2020-01-11 00:00',
      '2020-01-13 00:00',
      '2020-01-09 00:00',
    ]);
  });
});

describe('a frequency', () => {
  const cases: readonly (readonly [string, string, string, number[], number])[] = [
    ['yearly', '2009-01-01', '2009', [], 6],
    ['quarterly', '1959-07-01', '1959-Q3', [4], 8],
    ['6 months', '2009-07-01', '2009-07', [2], 8],
    ['monthly', '1962-03-01', '1962-03', [12], 18],
    ['weekly', '2014-06-02', '2014-06-02', [52], 13],
    ['daily', '2014-06-02', '2014-06-02', [7, 365], 14],
    ['business-days', '2014-06-02 16:00', '2014-06-02', [5, 261], 10],
    ['hourly', '2014-06-02 16:00', '2014-06-02 16:00', [24, 168], 48],
    ['half-hourly', '2014-06-02 16:30', '2014-06-02 16:30', [48, 336], 48],
    ['10 minutes', '2014-06-02 16:10', '2014-06-02 16:10', [144, 1008], 144],
    ['5 seconds', '2014-06-02 16:10', '2014-06-02 16:10:00', [17_280, 120_960], 1440],
    ['7 hours', '2014-06-02 16:00', '2014-06-02 16:00', [24], 48],
  ];
  it.each(cases)('that is %s has its way to write times, its seasons and its horizon', (name, time, text, ...rest) => {
    const frequency = parseFrequency(name);
    expect(frequencyName(frequency)).toBe(name);
    expect(shownTime(frequency, seconds(time))).toBe(text);
    expect([seasonsOfFrequency(frequency), defaultHorizon(frequency)]).toEqual(rest);
  });

  it('may be rows', () => {
    const rows: Frequency = { kind: 'rows' };
    expect([parseFrequency('rows'), seasonsOfFrequency(rows), defaultHorizon(rows)]).toEqual([rows, [], 12]);
    expect([timeAfter(rows, 5, 3), shownTime(rows, 8)]).toEqual([8, '8']);
  });

  it.each(['often', '0 days', '1.5 months', '10 lightyears', '-1 days', 'day 1'])('refuses %s', (text) => {
    expect(() => parseFrequency(text)).toThrow(UserError);
    expect(() => parseFrequency(text)).toThrow(
      `data.frequency: expected minutely, half-hourly, hourly, daily, business-days, weekly, monthly, quarterly, yearly, rows, or a number of years, months, weeks, days, hours, minutes, seconds ("10 minutes"), got "${text}"`,
    );
  });
});
