import { UserError } from '@motley/run';

/**
 * Distance between the steps of a series:
 * - `seconds`: a fixed time
 * - `months`: calendar months: 1 monthly, 3 quarterly, 12 yearly
 * - `business-days`: Monday to Friday, without holidays, which nobody can foresee
 * - `rows`: steps without dates
 */
export type Frequency =
  | { readonly kind: 'seconds'; readonly step: number }
  | { readonly kind: 'months'; readonly step: number }
  | { readonly kind: 'business-days' }
  | { readonly kind: 'rows' };

export const HOUR_IN_SECONDS = 3600;
export const DAY_IN_SECONDS = 86_400;
const WEEK_IN_SECONDS = 7 * DAY_IN_SECONDS;
const YEAR_IN_SECONDS = 365.25 * DAY_IN_SECONDS;
const SHORTEST_MONTH_IN_SECONDS = 28 * DAY_IN_SECONDS;
/** Share of the weekdays that a series of business days has at least: a year has up to 20 holidays. */
const BUSINESS_DAYS_SHARE = 0.8;

const seconds = (step: number): Frequency => ({ kind: 'seconds', step });
const months = (step: number): Frequency => ({ kind: 'months', step });

/** Frequencies with a name of their own. */
const NAMED: Readonly<Record<string, Frequency>> = {
  minutely: seconds(60),
  'half-hourly': seconds(HOUR_IN_SECONDS / 2),
  hourly: seconds(HOUR_IN_SECONDS),
  daily: seconds(DAY_IN_SECONDS),
  'business-days': { kind: 'business-days' },
  weekly: seconds(WEEK_IN_SECONDS),
  monthly: months(1),
  quarterly: months(3),
  yearly: months(12),
  rows: { kind: 'rows' },
};

/** Units of other frequencies, the largest first. */
const UNITS: readonly (readonly [name: string, Frequency])[] = [
  ['years', months(12)],
  ['months', months(1)],
  ['weeks', seconds(WEEK_IN_SECONDS)],
  ['days', seconds(DAY_IN_SECONDS)],
  ['hours', seconds(HOUR_IN_SECONDS)],
  ['minutes', seconds(60)],
  ['seconds', seconds(1)],
];

/** Name of a frequency: `monthly`, or the distance of its steps, `10 minutes`. */
export function frequencyName(frequency: Frequency): string {
  const named = Object.entries(NAMED).find(([, each]) => isSame(each, frequency));
  if (named !== undefined) return named[0];
  const count = 'step' in frequency ? frequency.step : NaN;
  for (const [name, unit] of UNITS)
    if (unit.kind === frequency.kind && 'step' in unit && count % unit.step === 0)
      return count === unit.step ? `1 ${name.slice(0, -1)}` : `${count / unit.step} ${name}`;
  return `${count} ${frequency.kind}`;
}

function isSame(left: Frequency, right: Frequency): boolean {
  return left.kind === right.kind && stepOf(left) === stepOf(right);
}

function stepOf(frequency: Frequency): number | undefined {
  return 'step' in frequency ? frequency.step : undefined;
}

/**
 * Parses a frequency: a name (`monthly`, `business-days`, `rows` …), or a number and a unit (`10 minutes`).
 * @throws UserError naming `data.frequency`
 */
export function parseFrequency(text: string): Frequency {
  const given = text.trim().toLowerCase();
  if (Object.hasOwn(NAMED, given)) return NAMED[given]!;
  const [, digits, unitName] = /^(\d+(?:\.\d+)?) ?([a-z]+?)s?$/.exec(given) ?? [];
  const unit = UNITS.find(([name]) => name === `${unitName}s`)?.[1];
  const step = Number(digits) * (unit === undefined ? NaN : stepOf(unit)!);
  if (!(step > 0) || (unit?.kind === 'months' && !Number.isInteger(step)))
    throw new UserError(
      `data.frequency: expected ${Object.keys(NAMED).join(', ')}, or a number of ${UNITS.map(([name]) => name).join(', ')} ("10 minutes"), got ${JSON.stringify(text)}`,
    );
  return unit?.kind === 'months' ? months(step) : seconds(step);
}

/**
 * Finds the frequency of ascending times, in seconds since 1970: months where they lie 28 days and more apart, on one
 * day of the month, or else on any day of different months; business days where no weekend has a time, and most other
 * days have; else the most frequent distance, the shortest if several are.
 */
export function frequencyOf(times: Float64Array): Frequency {
  const distance = usualDistance(times);
  if (distance >= SHORTEST_MONTH_IN_SECONDS) {
    const step = mostFrequent(distances(times.map(monthOf)));
    if (step > 0 && (haveOneDayOfMonth(times) || !areWholeSteps(times, distance))) return months(step);
  }
  return areBusinessDays(times) ? { kind: 'business-days' } : seconds(distance);
}

/** The most frequent distance of ascending numbers, the shortest if several are. */
export function usualDistance(values: Float64Array): number {
  return mostFrequent(distances(values));
}

function distances(values: Float64Array): Float64Array {
  // Dates have a resolution of milliseconds.
  return values.subarray(1).map((value, index) => Math.round((value - values[index]!) * 1000) / 1000);
}

/** The most frequent value, the lowest if several are. */
function mostFrequent(values: Float64Array): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ordered = [...counts].sort(([left, some], [right, others]) => others - some || left - right);
  return ordered[0]?.[0] ?? NaN;
}

function areWholeSteps(times: Float64Array, step: number): boolean {
  return times.every((time) => Number.isInteger((time - times[0]!) / step));
}

/** Whether times lie on one day of the month, or on its last day where it is shorter, at one time of the day. */
function haveOneDayOfMonth(times: Float64Array): boolean {
  const day = times.reduce((latest, time) => Math.max(latest, dateOf(time).getUTCDate()), 1);
  const timeOfDay = times[0]! - dayOf(times[0]!) * DAY_IN_SECONDS;
  return times.every((time) => {
    const expected = Math.min(day, daysInMonth(monthOf(time)));
    return dateOf(time).getUTCDate() === expected && time - dayOf(time) * DAY_IN_SECONDS === timeOfDay;
  });
}

function areBusinessDays(times: Float64Array): boolean {
  const days = times.map(dayOf);
  if (days.some(isWeekend) || mostFrequent(distances(days)) !== 1) return false;
  const [first, last] = [days[0]!, days.at(-1)!];
  const weeks = Math.floor((last - first) / 7);
  let weekdays = 5 * weeks;
  for (let day = first + 7 * weeks; day <= last; day++) if (!isWeekend(day)) weekdays++;
  const crossWeekend = last - first > 4 || weekdays < last - first + 1;
  const distinct = new Set(days).size === days.length;
  return distinct && crossWeekend && times.length >= BUSINESS_DAYS_SHARE * weekdays;
}

/** Time a number of steps after another, seconds since 1970, UTC. The last day of a month leads to last days. */
export function timeAfter(frequency: Frequency, start: number, steps: number): number {
  switch (frequency.kind) {
    case 'seconds':
      return start + steps * frequency.step;
    case 'months': {
      const [from, date] = [monthOf(start), dateOf(start)];
      const month = from + steps * frequency.step;
      const isLast = date.getUTCDate() === daysInMonth(from);
      const day = isLast ? daysInMonth(month) : Math.min(date.getUTCDate(), daysInMonth(month));
      const timeOfDay = start - dayOf(start) * DAY_IN_SECONDS;
      return firstDayOf(month) + (day - 1) * DAY_IN_SECONDS + timeOfDay;
    }
    case 'business-days': {
      // A weekend counts as the Friday before it.
      const monday = Math.floor((dayOf(start) + DAYS_FROM_MONDAY) / 7) * 7 - DAYS_FROM_MONDAY;
      const weekday = Math.min(4, dayOf(start) - monday) + steps;
      const day = monday + 7 * Math.floor(weekday / 5) + (weekday - 5 * Math.floor(weekday / 5));
      return steps === 0 ? start : start + (day - dayOf(start)) * DAY_IN_SECONDS;
    }
    case 'rows':
      return start + steps;
  }
}

/** Steps from one time to another, a fraction where the other lies between two steps; months count as a whole. */
export function stepsBetween(frequency: Frequency, start: number, time: number): number {
  switch (frequency.kind) {
    case 'seconds':
      return (time - start) / frequency.step;
    case 'months':
      return (monthOf(time) - monthOf(start)) / frequency.step;
    default:
      throw new RangeError(`steps between times: expected seconds or months, got ${frequency.kind}`);
  }
}

/** A time as its frequency is written: `2009`, `1959-Q3`, `1962-03`, a date, or a date with a time. */
export function shownTime(frequency: Frequency, time: number): string {
  if (frequency.kind === 'rows') return String(time);
  const date = dateOf(time);
  if (Number.isNaN(date.getTime())) return `${time} s`;
  const text = date.toISOString().replace('T', ' ').replace('Z', '');
  const dayLength = text.indexOf(' ');
  if (frequency.kind === 'months') {
    const year = text.slice(0, dayLength - '-01-01'.length);
    if (frequency.step % 12 === 0) return year;
    if (frequency.step === 3) return `${year}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
    return text.slice(0, dayLength - '-01'.length);
  }
  const isWhole = (unit: number): boolean =>
    time % unit === 0 && (frequency.kind !== 'seconds' || frequency.step % unit === 0);
  if (frequency.kind === 'business-days' || isWhole(DAY_IN_SECONDS)) return text.slice(0, dayLength);
  if (isWhole(60)) return text.slice(0, dayLength + ' 00:00'.length);
  return isWhole(1) ? text.slice(0, dayLength + ' 00:00:00'.length) : text;
}

/**
 * Candidate lengths of seasons in steps, the shortest first: the day, the week and the year, as far as they have
 * several steps. Steps below a day have no year, which would be thousands of steps.
 */
export function seasonsOfFrequency(frequency: Frequency): number[] {
  switch (frequency.kind) {
    case 'seconds': {
      const { step } = frequency;
      const short = [DAY_IN_SECONDS, WEEK_IN_SECONDS].map((season) => season / step).filter(Number.isInteger);
      const year = step < DAY_IN_SECONDS ? [] : [Math.floor(YEAR_IN_SECONDS / step)];
      return [...short, ...year].filter((season) => season > 1);
    }
    case 'months':
      return [12 / frequency.step].filter((season) => Number.isInteger(season) && season > 1);
    case 'business-days':
      return [5, 261];
    case 'rows':
      return [];
  }
}

/** Longest default horizon: a day of minutes. */
const LONGEST_HORIZON = 1440;

/**
 * Steps to forecast by default: those of the M4 competition where it has the frequency (Makridakis, Spiliotis &
 * Assimakopoulos, "The M4 Competition: 100,000 time series and 61 forecasting methods", 2020), two weeks of business
 * days, one day for steps below an hour, and 12 rows.
 */
export function defaultHorizon(frequency: Frequency): number {
  switch (frequency.kind) {
    case 'seconds': {
      const { step } = frequency;
      if (step >= SHORTEST_MONTH_IN_SECONDS) return 18;
      if (step >= WEEK_IN_SECONDS) return 13;
      if (step >= DAY_IN_SECONDS) return 14;
      return step >= HOUR_IN_SECONDS ? 48 : Math.min(LONGEST_HORIZON, Math.round(DAY_IN_SECONDS / step));
    }
    case 'months':
      if (frequency.step < 3) return 18;
      return frequency.step < 12 ? 8 : 6;
    case 'business-days':
      return 10;
    case 'rows':
      return 12;
  }
}

/** 1 January 1970 was a Thursday. */
const DAYS_FROM_MONDAY = 3;

function dateOf(time: number): Date {
  return new Date(time * 1000);
}

/** Days since 1970. */
function dayOf(time: number): number {
  return Math.floor(time / DAY_IN_SECONDS);
}

function isWeekend(day: number): boolean {
  const weekday = day + DAYS_FROM_MONDAY;
  return weekday - 7 * Math.floor(weekday / 7) >= 5;
}

/** Months since year 0. */
function monthOf(time: number): number {
  const date = dateOf(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Start of a month counted from year 0. Years below 100 are themselves, unlike those of Date.UTC. */
function firstDayOf(month: number): number {
  return new Date(0).setUTCFullYear(Math.floor(month / 12), month - 12 * Math.floor(month / 12), 1) / 1000;
}

function daysInMonth(month: number): number {
  return (firstDayOf(month + 1) - firstDayOf(month)) / DAY_IN_SECONDS;
}
