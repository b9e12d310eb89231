import type { Column } from '@motley/core/node';
import { DAY_IN_SECONDS, timeAfter } from './frequency.ts';

/**
 * How a column writes its times:
 * - `dated`: as dates, or as numbers that stand for dates
 * - `counted`: as numbers of equal distance, such as row numbers
 * - `ordered`: as numbers that only tell the order
 */
export interface TimeFormat {
  readonly kind: 'dated' | 'counted' | 'ordered';
  /** Contents that a column in this format may have: surely dates, years if it is in order, or any numbers. */
  readonly evidence: 'dates' | 'years' | 'numbers';
  /** Description for messages. */
  readonly expected: string;
  /** Parses a field; undefined for any other text. */
  readonly parse: (field: string) => Moment | undefined;
}

interface Moment {
  /** Seconds since 1970 on the clock of the time's own zone. */
  readonly time: number;
  /** Seconds that this clock is ahead of UTC; undefined for dates without a zone. */
  readonly offset?: number | undefined;
}

const CLOCK =
  '(?:(?:T| +)(?<hour>\\d{1,2}):(?<minute>\\d\\d)(?::(?<second>\\d\\d(?:\\.\\d+)?))?(?: ?(?<half>[AP]M))?)?(?: ?(?<zone>Z|UTC|[+-]\\d\\d(?::?\\d\\d)?))?';
const YEAR = '(?<year>\\d{4})';
const SHORT_YEAR = '(?<year>\\d{4}|\\d\\d)';
const MONTH = '(?<month>\\d{1,2})';
const DAY = '(?<day>\\d{1,2})';
const NAME = '(?<name>[a-z]{3,9})\\.?';

const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** Two-digit years from here on are those of the last century, as POSIX has it. */
const FIRST_YEAR_OF_LAST_CENTURY = 69;

const AMERICAN = dates('a date such as 1/31/2014, the month first', `${MONTH}/${DAY}/${SHORT_YEAR}${CLOCK}`);
const DAY_FIRST = dates('a date such as 31/1/2014, the day first', `${DAY}/${MONTH}/${SHORT_YEAR}${CLOCK}`);

/** Formats that no number has. */
const DATES: readonly TimeFormat[] = [
  dates('a date such as 2014-01-31 23:30:00', `${YEAR}(?<between>[-/.])${MONTH}\\k<between>${DAY}${CLOCK}`),
  AMERICAN,
  DAY_FIRST,
  dates('a date such as 31.1.2014', `${DAY}(?<between>[-.])${MONTH}\\k<between>${SHORT_YEAR}${CLOCK}`),
  dates('a date such as Jan 31, 2014', `${NAME} ${DAY},? ${YEAR}${CLOCK}`),
  dates('a date such as 31 Jan 2014', `${DAY}[ -]${NAME}[ -]${SHORT_YEAR}${CLOCK}`),
  dates('a date such as 20140131T2330', `${YEAR}(?<month>\\d\\d)(?<day>\\d\\d)T(?<hour>\\d\\d):?(?<minute>\\d\\d)`),
  dates('a month such as 1949-01', `${YEAR}(?:[-/]|[- ]?M)${MONTH}`),
  dates('a month such as 01/1949', `${MONTH}[-/]${YEAR}`),
  dates('a month such as Jan 1949', `${NAME}[ -]${SHORT_YEAR}`),
  dates('a month such as 1949 Jan', `${YEAR}[ -]${NAME}`),
  dates('a quarter such as 1959-Q1', `${YEAR}[- :]?Q(?<quarter>[1-4])`),
  dates('a quarter such as Q1 1959', `Q(?<quarter>[1-4])[- /]?${YEAR}`),
  dates('a week such as 1991-W06', `${YEAR}[- ]?W(?<week>\\d\\d)`),
];

/** Formats of integers, which stand for dates where they are in order. */
const NUMERIC_DATES: readonly TimeFormat[] = [
  { ...dates('a year', '(?<year>[12]\\d{3})(?:\\.0+)?'), evidence: 'years' },
  { ...dates('a month such as 194901', '(?<year>[12]\\d{3})(?<month>\\d\\d)'), evidence: 'numbers' },
  { ...dates('a date such as 20140131', '(?<year>[12]\\d{3})(?<month>\\d\\d)(?<day>\\d\\d)'), evidence: 'numbers' },
];

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Smaller numbers are no seconds since 1970: they would lie before March 1973. */
const FIRST_SECONDS = 1e8;
/** Larger numbers are milliseconds, microseconds and nanoseconds since 1970. */
const FIRST_MILLISECONDS = 1e11;
const FIRST_MICROSECONDS = 1e14;
const FIRST_NANOSECONDS = 1e17;

const SECONDS: TimeFormat = {
  kind: 'dated',
  evidence: 'numbers',
  expected: 'a number of seconds or milliseconds since 1970',
  parse: (field) => {
    const number = numberOf(field);
    const size = Math.abs(number);
    if (!(size >= FIRST_SECONDS)) return undefined;
    if (size >= FIRST_NANOSECONDS) return { time: number / 1e9, offset: 0 };
    if (size >= FIRST_MICROSECONDS) return { time: number / 1e6, offset: 0 };
    return { time: size >= FIRST_MILLISECONDS ? number / 1000 : number, offset: 0 };
  },
};

const COUNTED: TimeFormat = {
  kind: 'counted',
  evidence: 'numbers',
  expected: 'a number',
  parse: (field) => {
    const number = numberOf(field);
    return Number.isNaN(number) ? undefined : { time: number };
  },
};

/** Years with fractions, 1949.0833, that fall on months. */
const DECIMAL_MONTHS: TimeFormat = {
  kind: 'dated',
  evidence: 'years',
  expected: 'a year with the fraction of a month, such as 1949.0833',
  parse: (field) => {
    const months = numberOf(field) * 12;
    const month = Math.round(months);
    return Math.abs(months - month) < DECIMAL_TOLERANCE
      ? { time: timeAfter({ kind: 'months', step: 1 }, YEAR_ZERO, month) }
      : undefined;
  },
};

const ORDERED: TimeFormat = { ...COUNTED, kind: 'ordered', evidence: 'years' };

/** Deviation from a month, in months, of years with three digits after the point. */
const DECIMAL_TOLERANCE = 0.02;
const YEAR_ZERO = Date.parse('0000-01-01T00:00:00Z') / 1000;

/**
 * Finds how fields write their times. Where 1/2/2014 may be a day of January or of February, the order in which the
 * times are regular is taken, and January where both are.
 * @returns undefined where no format has all fields
 */
export function timeFormatOf(fields: readonly string[]): TimeFormat | undefined {
  const all = (format: TimeFormat): boolean => fields.every((field) => format.parse(field) !== undefined);
  const date = DATES.find(all);
  if (date === AMERICAN && all(DAY_FIRST))
    return irregularity(DAY_FIRST, fields) < irregularity(AMERICAN, fields) ? DAY_FIRST : AMERICAN;
  if (date !== undefined) return date;
  if (!all(COUNTED)) return undefined;
  const numbers = fields.map(numberOf);
  if (!isInOrder(numbers)) return all(SECONDS) ? SECONDS : COUNTED;
  const numeric = NUMERIC_DATES.find(all) ?? (all(SECONDS) ? SECONDS : undefined);
  if (numeric !== undefined) return numeric;
  const areYears = numbers.every((number) => number >= 1000 && number < 3000) && !numbers.every(Number.isInteger);
  if (!areYears) return COUNTED;
  return all(DECIMAL_MONTHS) ? DECIMAL_MONTHS : ORDERED;
}

/** The format that most fields share with the first: a column that has it is read up to its first other field. */
export function usualTimeFormat(fields: readonly string[]): TimeFormat {
  const formats = [...DATES, SECONDS, COUNTED].filter((format) => format.parse(fields[0] ?? '') !== undefined);
  const count = (format: TimeFormat): number => fields.filter((field) => format.parse(field) !== undefined).length;
  return formats.reduce<TimeFormat>((best, format) => (count(format) > count(best) ? format : best), formats[0] ?? ANY);
}

const ANY: TimeFormat = {
  kind: 'dated',
  evidence: 'dates',
  expected:
    'a date (2014-01-31 23:30, 1/31/2014, 31.1.2014), a month (1949-01), a quarter (1959-Q1), a week (1991-W06), a year or a number',
  parse: () => undefined,
};

/** Whether fields are times of a clock on the wall, which have no zone. */
export function areLocal({ kind, parse }: TimeFormat, fields: readonly string[]): boolean {
  return kind === 'dated' && fields.every((field) => parse(field)?.offset === undefined);
}

/** Ratio of the longest and the shortest distance between times; infinite where they go back and forth. */
function irregularity({ parse }: TimeFormat, fields: readonly string[]): number {
  const times = fields.map((field) => parse(field)!.time);
  if (!isInOrder(times)) return Infinity;
  let [shortest, longest] = [Infinity, 0];
  for (let row = 1; row < times.length; row++) {
    const distance = Math.abs(times[row]! - times[row - 1]!);
    longest = Math.max(longest, distance);
    if (distance > 0) shortest = Math.min(shortest, distance);
  }
  return longest / shortest;
}

/** Whether numbers rise throughout or fall throughout, repetitions aside. */
function isInOrder(numbers: readonly number[]): boolean {
  const [first, last] = [numbers[0]!, numbers.at(-1)!];
  const sign = last >= first ? 1 : -1;
  return last !== first && numbers.every((number, row) => row === 0 || sign * (number - numbers[row - 1]!) >= 0);
}

/** A column of times in a format, as seconds since 1970, UTC, or what a counter says. */
export function moments({ expected, parse }: TimeFormat): Column<Float64Array> {
  return {
    expected,
    streams: true,
    begin: () => {
      const times: number[] = [];
      const offsets: number[] = [];
      return {
        add: (field) => {
          const moment = parse(field);
          if (moment === undefined) return false;
          times.push(moment.time);
          offsets.push(moment.offset ?? 0);
          return true;
        },
        finish: () => {
          // Days keep the date of their own zone: midnight of a summer in Berlin is no evening before.
          const areDays = times.length > 1 && times.every((time) => timeOfDay(time) === timeOfDay(times[0]!));
          return Float64Array.from(areDays ? times : times.map((time, row) => time - offsets[row]!));
        },
      };
    },
  };
}

function timeOfDay(time: number): number {
  return time - Math.floor(time / DAY_IN_SECONDS) * DAY_IN_SECONDS;
}

function numberOf(field: string): number {
  const text = field.trim();
  return NUMBER.test(text) ? Number(text) : NaN;
}

function dates(expected: string, pattern: string): TimeFormat {
  const expression = new RegExp(`^${pattern}$`, 'i');
  return {
    kind: 'dated',
    evidence: 'dates',
    expected,
    parse: (field) => {
      const groups = expression.exec(field.trim())?.groups;
      return groups && momentOf(groups);
    },
  };
}

type Groups = Readonly<Partial<Record<string, string>>>;

/** Time of the parts of a date; undefined where there is no such date. */
function momentOf(groups: Groups): Moment | undefined {
  const day = dayOf(groups);
  const hour = hourOf(groups);
  const [minute, second] = [Number(groups.minute ?? 0), Number(groups.second ?? 0)];
  const isClock = hour <= 24 && minute < 60 && second < 60 && (hour < 24 || minute + second === 0);
  if (Number.isNaN(day) || !isClock) return undefined;
  return { time: day + hour * 3600 + minute * 60 + second, offset: offsetOf(groups.zone) };
}

function dayOf(groups: Groups): number {
  const year = yearOf(groups.year!);
  if (groups.week !== undefined) return weekOf(year, Number(groups.week));
  const month = monthOf(groups);
  const day = Number(groups.day ?? 1);
  const date = new Date(0).setUTCFullYear(year, month - 1, day);
  const exists = month >= 1 && month <= 12 && new Date(date).getUTCDate() === day;
  return exists ? date / 1000 : NaN;
}

function yearOf(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year >= FIRST_YEAR_OF_LAST_CENTURY ? 1900 + year : 2000 + year;
}

function monthOf({ month, quarter, name }: Groups): number {
  if (quarter !== undefined) return 3 * Number(quarter) - 2;
  if (name === undefined) return Number(month ?? 1);
  return 1 + MONTH_NAMES.findIndex((each) => each.startsWith(name.toLowerCase()));
}

/** Monday of a week of ISO 8601: the first week has 4 January. */
function weekOf(year: number, week: number): number {
  const fourth = new Date(0).setUTCFullYear(year, 0, 4) / 1000;
  const monday = fourth - ((new Date(fourth * 1000).getUTCDay() + 6) % 7) * DAY_IN_SECONDS;
  const time = monday + (week - 1) * 7 * DAY_IN_SECONDS;
  // Its Thursday lies in its year.
  const thursday = new Date((time + 3 * DAY_IN_SECONDS) * 1000);
  return week >= 1 && thursday.getUTCFullYear() === year ? time : NaN;
}

function hourOf({ hour = '0', half }: Groups): number {
  if (half === undefined) return Number(hour);
  if (Number(hour) < 1 || Number(hour) > 12) return NaN;
  return (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
}

/** Seconds that a zone is ahead of UTC. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/**
 * Parses a date or time to seconds since 1970, in UTC unless it has a zone: `2014-06-15`, `2014-06-15 12:00`, `1962-03`,
 * `1959-Q3`, `2009`.
 * @returns NaN for any other text
 */
export function parseMoment(text: string): number {
  const format = timeFormatOf([text]) ?? ANY;
  const moment = [...DATES, ...NUMERIC_DATES].includes(format) ? format.parse(text) : NUMERIC_DATES[0]!.parse(text);
  return moment === undefined ? NaN : moment.time - (moment.offset ?? 0);
}
