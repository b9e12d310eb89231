import { UserError } from '@motley/run';
import { DAY_IN_SECONDS, HOUR_IN_SECONDS } from './frequency.ts';

/**
 * Which value counts where a time has several rows:
 * - `error`: none; the first such time is an error
 * - `mean`: their mean
 * - `first`, `last`: that of the first or the last row
 */
export type DuplicateRule = 'error' | 'mean' | 'first' | 'last';

/** Rows in the order of their times, each time once. */
export interface OrderedRows {
  /** Ascending. */
  readonly times: Float64Array;
  /** Row in the file of a time's index, from 0. */
  readonly rowOf: (index: number) => number;
  /** A column's values in this order, from its values by row. */
  readonly valuesOf: (column: Float64Array) => Float64Array;
  /** Rows that share their time with an earlier one. */
  readonly duplicates: number;
  /** Rows of the hour that a clock repeats in autumn. */
  readonly repeated: number;
  /** Whether the newest row came first. */
  readonly isReversed: boolean;
}

export interface OrderOptions {
  readonly duplicates: DuplicateRule;
  /** Whether the times are those of a clock on the wall, which is set forward in spring and back in autumn. */
  readonly isLocal: boolean;
  readonly shown: (time: number) => string;
  /** Place of rows in the file, for messages. */
  readonly place: (row: number) => string;
}

/**
 * Orders rows by time: turns a table whose newest row comes first, and joins rows of one time.
 * @throws UserError where times go back and forth, or a time has several rows and `duplicates` is error
 */
export function orderedRows(read: Float64Array, options: OrderOptions): OrderedRows {
  const { duplicates: rule, isLocal, shown, place } = options;
  const isReversed = isDescending(read);
  const rowAt = (index: number): number => (isReversed ? read.length - 1 - index : index);
  const times: number[] = [];
  const rows: number[] = [];
  /** All rows of a time that has several, by its index, and how their values are joined. */
  const shared = new Map<number, { readonly rows: readonly number[]; readonly rule: DuplicateRule }>();
  const hasClock = isLocal && isWithinHour(read);
  let repeated = 0;
  let duplicates = 0;
  for (let index = 0; index < read.length; index++) {
    const row = rowAt(index);
    const [time, before] = [read[row]!, times.at(-1) ?? -Infinity];
    if (time > before) {
      times.push(time);
      rows.push(row);
      continue;
    }
    const same = placeOf(time, times);
    const isRepeated = hasClock && same >= 0 && before - time < HOUR_IN_SECONDS && isClockChange(time);
    if (time < before && !isRepeated)
      throw new UserError(
        `${place(row)}: expected a time after ${shown(before)}, found ${shown(time)}${time <= times[0]! ? ', as if another series began; a table holds one' : ''}`,
      );
    if (!isRepeated && rule === 'error') throw twice(rows[same]!, row, shown(time), place);
    if (isRepeated) repeated++;
    else duplicates++;
    const all = [...(shared.get(same)?.rows ?? [rows[same]!]), row];
    shared.set(same, { rows: all.sort((left, right) => left - right), rule: isRepeated ? 'mean' : rule });
  }
  const valuesOf = (column: Float64Array): Float64Array => {
    const values = Float64Array.from(rows, (row) => column[row]!);
    for (const [index, each] of shared) values[index] = joined(each.rows, column, each.rule);
    return values;
  };
  return {
    times: Float64Array.from(times),
    rowOf: (index) => rows[index]!,
    valuesOf,
    duplicates,
    repeated,
    isReversed,
  };
}

function isDescending(times: Float64Array): boolean {
  return times[0]! > times.at(-1)! && times.every((time, row) => row === 0 || time <= times[row - 1]!);
}

/** Whether most times follow within an hour: a clock change is lost in longer steps. */
function isWithinHour(times: Float64Array): boolean {
  let within = 0;
  for (let row = 1; row < times.length; row++) if (Math.abs(times[row]! - times[row - 1]!) <= HOUR_IN_SECONDS) within++;
  return within > times.length / 2;
}

/** Months in which clocks change, from 0: early spring and autumn of both hemispheres. */
const CLOCK_MONTHS = [1, 2, 3, 8, 9, 10];
/** Clocks change at night, before this hour. */
const CLOCK_HOUR = 4;

/** Whether clocks may be set forward or back at a time: in the night to a Sunday, in spring or autumn. */
export function isClockChange(time: number): boolean {
  const date = new Date(time * 1000);
  return date.getUTCDay() === 0 && date.getUTCHours() < CLOCK_HOUR && CLOCK_MONTHS.includes(date.getUTCMonth());
}

/** Index of a time among the latest of ascending times, -1 where it is none of the last day. */
function placeOf(time: number, times: readonly number[]): number {
  for (let index = times.length - 1; index >= 0 && times[index]! > time - DAY_IN_SECONDS; index--)
    if (times[index] === time) return index;
  return -1;
}

function twice(first: number, second: number, time: string, place: (row: number) => string): UserError {
  const [before, after] = [Math.min(first, second), Math.max(first, second)];
  return new UserError(
    `${place(after)}: expected every time once, found ${time} in row ${before + 2}, too; --duplicates mean, first or last takes one value of both`,
  );
}

function joined(rows: readonly number[], column: Float64Array, rule: DuplicateRule): number {
  const known = rows.map((row) => column[row]!).filter((value) => !Number.isNaN(value));
  if (known.length === 0) return NaN;
  if (rule === 'first') return known[0]!;
  if (rule === 'last') return known.at(-1)!;
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
