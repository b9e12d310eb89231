import { column, type Column, loadCsv } from '@motley/core/node';
import { UserError } from '@motley/run';
import {
  frequencyName,
  frequencyOf,
  parseFrequency,
  shownTime,
  stepsBetween,
  timeAfter,
  type Frequency,
} from './frequency.ts';
import { moments, shownMoment } from './moments.ts';
import type { Series } from './series.ts';

/**
 * How missing steps and values are filled:
 * - `error`: not at all; the first is an error
 * - `interpolate`: linearly between the neighbors, the later of which lies in the future
 * - `previous`: with the last known value
 */
export type GapRule = 'error' | 'interpolate' | 'previous';

export interface LoadOptions {
  readonly path: string;
  /** Column to forecast. */
  readonly target: string;
  /** Column of times: ISO dates with or without a time, or seconds or milliseconds since 1970. */
  readonly time: string;
  /** Further columns to read. Default none. */
  readonly covariates?: readonly string[];
  /** Covariates that are known before their time. Default none. */
  readonly knownAhead?: readonly string[];
  /** Default `error`. */
  readonly gaps?: GapRule;
  /** Name of the frequency (`monthly`, `rows`), as in `parseFrequency`. Default '', which finds it in the times. */
  readonly frequency?: string;
  /** Values that mean a missing one, by column, such as a volume of 0. */
  readonly missing?: Readonly<Record<string, number>>;
  /** Default the path. */
  readonly name?: string;
}

export interface LoadedSeries {
  readonly series: Series;
  /** Number of missing steps that were filled. */
  readonly filledSteps: number;
  /** Number of missing values in existing rows that were filled. */
  readonly filledValues: number;
}

/** Longest series that filled gaps may produce. */
const MAX_STEPS = 10_000_000;
/** Allowed deviation of a time from its step, in steps: fractions of a second are rounded. */
const TOLERANCE = 1e-3;

/** Position in a file, for messages. */
type Place = (row: number, column: string) => string;

/**
 * Reads a series from a CSV file.
 * @throws UserError naming the file, row and column, what was expected and what was found
 */
export async function loadSeries(options: LoadOptions): Promise<LoadedSeries> {
  const { path, target, time, covariates = [], knownAhead = [], name = path } = options;
  const { gaps = 'error', frequency: asked = '', missing = {} } = options;
  const names = [target, ...covariates];
  checkNames(time, names, knownAhead);
  const numbers = column.number({ allowMissing: gaps !== 'error' });
  const schema: Record<string, Column<Float64Array>> = {
    [time]: moments(),
    ...Object.fromEntries(names.map((each) => [each, numbers])),
  };
  const { columns } = await loadCsv(path, schema);
  const place: Place = (row, of) => `${path}: row ${row + 2}, column ${JSON.stringify(of)}`;
  const times = columns[time]!;
  checkOrder(times, (row) => place(row, time));
  const frequency = asked === '' ? frequencyOf(times) : parseFrequency(asked);
  const hasUnevenRows = frequency.kind === 'business-days' || frequency.kind === 'rows';
  const rowOfStep = hasUnevenRows ? undefined : rowsOfSteps(times, frequency, gaps, (row) => place(row, time));
  let filledValues = 0;
  const valuesOf = (of: string): Float64Array => {
    const read = columns[of]!.map((value) => (value === missing[of] ? NaN : value));
    const firstMissing = read.findIndex(Number.isNaN);
    if (gaps === 'error' && firstMissing >= 0)
      throw new UserError(`${place(firstMissing, of)}: expected a value, found ${missing[of]}, which stands for none`);
    filledValues += read.filter(Number.isNaN).length;
    const laidOut = rowOfStep === undefined ? read : Float64Array.from(rowOfStep, (row) => read[row] ?? NaN);
    return filled(laidOut, gaps, `${path}, column ${JSON.stringify(of)}`);
  };
  const series: Series = {
    name,
    frequency,
    startTime: frequency.kind === 'rows' ? undefined : times[0]!,
    length: rowOfStep?.length ?? times.length,
    target: valuesOf(target),
    covariates: Object.fromEntries(covariates.map((each) => [each, valuesOf(each)])),
    knownAhead,
    ...(frequency.kind === 'business-days' && { times }),
  };
  return { series, filledSteps: rowOfStep?.filter((row) => row < 0).length ?? 0, filledValues };
}

function checkNames(time: string, names: readonly string[], knownAhead: readonly string[]): void {
  const all = [time, ...names];
  const repeated = all.find((name, index) => all.indexOf(name) !== index);
  if (repeated !== undefined)
    throw new UserError(
      `expected different columns for time, target and covariates, got ${JSON.stringify(repeated)} twice`,
    );
  const stray = knownAhead.find((name) => !names.slice(1).includes(name));
  if (stray !== undefined)
    throw new UserError(`expected columns known ahead to be among the covariates, got ${JSON.stringify(stray)}`);
}

function checkOrder(times: Float64Array, place: (row: number) => string): void {
  if (times.length < 2) throw new UserError(`${place(0)}: expected at least 2 rows, found one`);
  for (let row = 1; row < times.length; row++) {
    const [before, now] = [times[row - 1]!, times[row]!];
    if (now > before) continue;
    const found = now === before ? 'the same again' : shownMoment(now);
    throw new UserError(`${place(row)}: expected a time after ${shownMoment(before)}, found ${found}`);
  }
}

/** The row of each step, -1 for a missing step. */
function rowsOfSteps(
  times: Float64Array,
  frequency: Frequency,
  gaps: GapRule,
  place: (row: number) => string,
): Int32Array {
  const start = times[0]!;
  const name = frequencyName(frequency);
  const shown = (time: number): string => shownTime(frequency, time);
  const places = times.map((time, row) => {
    const exact = stepsBetween(frequency, start, time);
    const step = Math.round(exact);
    if (Math.abs(exact - step) > TOLERANCE)
      throw new UserError(
        `${place(row)}: expected whole steps (${name}) from ${shown(start)}, found ${shownMoment(time)}`,
      );
    return step;
  });
  const second = places.findIndex((step, row) => step === places[row - 1]);
  if (second >= 0)
    throw new UserError(
      `${place(second)}: expected one row per step (${name}), found a second of ${shown(times[second]!)}`,
    );
  const firstGap = places.findIndex((step, row) => row > 0 && step !== places[row - 1]! + 1);
  if (gaps === 'error' && firstGap >= 0)
    throw new UserError(
      `${place(firstGap)}: expected the next step (${name}), ${shown(timeAfter(frequency, times[firstGap - 1]!, 1))}, found ${shown(times[firstGap]!)}`,
    );
  const length = places.at(-1)! + 1;
  if (length > MAX_STEPS)
    throw new UserError(
      `${place(times.length - 1)}: expected at most ${MAX_STEPS} steps (${name}), found ${shown(times.at(-1)!)} after ${length}`,
    );
  const rows = new Int32Array(length).fill(-1);
  for (const [row, step] of places.entries()) rows[step] = row;
  return rows;
}

/**
 * Fills NaN by the rule between known values, and with the nearest known value at the ends.
 * @throws UserError where there is no value to fill from
 */
function filled(values: Float64Array, rule: GapRule, where: string): Float64Array {
  const output = Float64Array.from(values);
  let before = -1;
  for (let step = 0; step < values.length; step++) {
    if (Number.isNaN(values[step])) {
      let after = step;
      while (after < values.length && Number.isNaN(values[after])) after++;
      if (before < 0 && (rule === 'previous' || after === values.length))
        throw new UserError(`${where}: expected a value to fill the first gap from, found none before it`);
      const from = values[before < 0 ? after : before]!;
      const to = rule === 'previous' || after === values.length ? from : values[after]!;
      for (; step < after; step++) output[step] = from + ((to - from) * (step - before)) / (after - before);
    }
    before = step;
  }
  return output;
}
