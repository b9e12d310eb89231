import { type Column, loadCsv } from '@motley/core/node';
import { UserError } from '@motley/run';
import { frequencyName, frequencyOf, parseFrequency, shownTime, usualDistance, type Frequency } from './frequency.ts';
import { filled, laidOut, type GapRule, type Layout } from './gaps.ts';
import { areLocal, moments, parseMoment, type TimeFormat } from './moments.ts';
import { decimalMarkOf, numbers } from './numbers.ts';
import { orderedRows, type DuplicateRule, type OrderedRows } from './row-times.ts';
import { shownStep, type Series } from './series.ts';
import { rolesOf, sampleTable, type TableSample } from './table.ts';

export interface LoadOptions {
  readonly path: string;
  /** Column to forecast. Default '': the only column of numbers besides the times and the covariates. */
  readonly target?: string;
  /** Column of times: dates, months, quarters, weeks, years, or numbers. Default '': found, or else row numbers. */
  readonly time?: string;
  /** Further columns to read. Default none. */
  readonly covariates?: readonly string[];
  /** Covariates that are known before their time. Default none. */
  readonly knownAhead?: readonly string[];
  /** Default `error`. */
  readonly gaps?: GapRule;
  /** Default `error`. */
  readonly duplicates?: DuplicateRule;
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
  /** Findings and changes, one line each. */
  readonly notes: readonly string[];
}

/** Times that tell how they are written. */
const WRITTEN_TIMES = 1000;

/** Times of a file, in order. */
interface Timeline extends OrderedRows {
  readonly column: string;
  readonly format: TimeFormat;
  readonly isLocal: boolean;
}

/**
 * Reads a series from a CSV file, whose columns may be separated by commas, semicolons, tabs or vertical bars. Each row
 * is a step where the file has no times, or those of business days.
 * @throws UserError naming the file, row and column, what was expected and what was found
 */
export async function loadSeries(options: LoadOptions): Promise<LoadedSeries> {
  const { path, covariates = [], knownAhead = [], name = path, gaps = 'error', missing = {} } = options;
  const { target: askedTarget = '', time: askedTime = '', frequency: askedFrequency = '' } = options;
  checkNames([askedTime, askedTarget, ...covariates], covariates, knownAhead);
  const asked = askedFrequency === '' ? undefined : parseFrequency(askedFrequency);
  const sample = await sampleTable(path);
  const { target, time } = rolesOf(sample, { target: askedTarget, time: askedTime, covariates });
  const schema: Record<string, Column<Float64Array>> = {
    ...(time && { [time.name]: moments(time.format) }),
    ...Object.fromEntries([target, ...covariates].map((each) => [each, numbersOf(sample, each)])),
  };
  const { columns, rowCount } = await loadCsv(path, schema, { delimiter: sample.delimiter });
  const place = (row: number, of: string): string => `${path}: row ${row + 2}, column ${JSON.stringify(of)}`;
  if (rowCount < 2) throw new UserError(`${place(0, time?.name ?? target)}: expected at least 2 rows, found one`);

  const timeline = time && timelineOf(columns[time.name]!, { ...time, sample, options });
  const frequency = asked ?? frequencyIn(timeline);
  const isLaidOut = timeline !== undefined && asked?.kind !== 'rows';
  const layout = isLaidOut ? layoutOf(timeline, frequency, gaps, (row) => place(row, timeline.column)) : undefined;
  let filledValues = 0;
  const valuesOf = (of: string): Float64Array => {
    const read = columns[of]!.map((value) => (value === missing[of] ? NaN : value));
    if (gaps === 'error') checkKnown(read, columns[of]!, (row) => place(row, of));
    const ordered = timeline?.valuesOf(read) ?? read;
    filledValues += ordered.filter(Number.isNaN).length;
    const values = layout ? Float64Array.from(layout.indices, (index) => ordered[index] ?? NaN) : ordered;
    return filled(values, gaps === 'error' ? 'interpolate' : gaps, `${path}, column ${JSON.stringify(of)}`);
  };
  const isDated = timeline?.format.kind === 'dated' && frequency.kind !== 'rows';
  const series: Series = {
    name,
    frequency,
    startTime: isDated ? timeline.times[0]! : undefined,
    length: layout?.indices.length ?? timeline?.times.length ?? rowCount,
    target: valuesOf(target),
    covariates: Object.fromEntries(covariates.map((each) => [each, valuesOf(each)])),
    knownAhead,
    ...(isDated && frequency.kind === 'business-days' && { times: timeline.times }),
  };
  const filledSteps = layout?.missing ?? 0;
  const notes = [
    `forecasts ${JSON.stringify(target)} ${spanOf(series, timeline)}`,
    ...(timeline ? changesOf(timeline, layout, options) : []),
    ...(filledSteps + filledValues > 0
      ? [`missing steps (${filledSteps}) and values (${filledValues}) are filled (--gaps ${gaps})`]
      : []),
  ];
  return { series, filledSteps, filledValues, notes: notes.map((note) => `${path}: ${note}`) };
}

function checkNames(all: readonly string[], covariates: readonly string[], knownAhead: readonly string[]): void {
  const repeated = all.find((name, index) => name !== '' && all.indexOf(name) !== index);
  if (repeated !== undefined)
    throw new UserError(
      `expected different columns for time, target and covariates, got ${JSON.stringify(repeated)} twice`,
    );
  const stray = knownAhead.find((name) => !covariates.includes(name));
  if (stray !== undefined)
    throw new UserError(`expected columns known ahead to be among the covariates, got ${JSON.stringify(stray)}`);
}

function numbersOf({ fields, delimiter }: TableSample, name: string): Column<Float64Array> {
  return numbers(decimalMarkOf(fields[name]!, delimiter) ?? (delimiter === ';' ? ',' : '.'));
}

interface TimelineOptions {
  readonly name: string;
  readonly format: TimeFormat;
  readonly sample: TableSample;
  readonly options: LoadOptions;
}

function timelineOf(read: Float64Array, { name, format, sample, options }: TimelineOptions): Timeline {
  const { path, duplicates = 'error' } = options;
  const isLocal = areLocal(format, sample.fields[name]!);
  const place = (row: number): string => `${path}: row ${row + 2}, column ${JSON.stringify(name)}`;
  const written = writtenAs(read);
  const shown = (time: number): string => (format.kind === 'dated' ? shownTime(written, time) : String(time));
  const rows = orderedRows(read, { duplicates, isLocal, shown, place });
  if (rows.times.length < 2) throw new UserError(`${place(0)}: expected at least 2 times, found one`);
  return { ...rows, column: name, format, isLocal };
}

/** Frequency whose way of writing tells the first times: years, months or days, where the frequency is not known yet. */
function writtenAs(times: Float64Array): Frequency {
  const first = times.subarray(0, WRITTEN_TIMES);
  const ways = ['yearly', 'monthly', 'daily'].map(parseFrequency);
  const isExact = (way: Frequency): boolean => first.every((time) => parseMoment(shownTime(way, time)) === time);
  return ways.find(isExact) ?? parseFrequency('minutely');
}

function frequencyIn(timeline: Timeline | undefined): Frequency {
  return timeline?.format.kind === 'dated' ? frequencyOf(timeline.times) : { kind: 'rows' };
}

/** Steps of times; undefined where each time is one. */
function layoutOf(
  { times, format, isLocal, rowOf }: Timeline,
  frequency: Frequency,
  gaps: GapRule,
  placeOfRow: (row: number) => string,
): Layout | undefined {
  const place = (index: number): string => placeOfRow(rowOf(index));
  if (format.kind === 'ordered') return undefined;
  if (format.kind === 'counted') {
    const distance: Frequency = { kind: 'seconds', step: usualDistance(times) };
    return laidOut(times, { frequency: distance, gaps, isCounted: true, isLocal: false, place });
  }
  if (frequency.kind === 'business-days' || frequency.kind === 'rows') return undefined;
  return laidOut(times, { frequency, gaps, isCounted: false, isLocal, place });
}

/** @throws UserError where a value is missing */
function checkKnown(values: Float64Array, read: Float64Array, place: (row: number) => string): void {
  const row = values.findIndex(Number.isNaN);
  if (row < 0) return;
  throw new UserError(
    Number.isNaN(read[row])
      ? `${place(row)}: expected a number, found a missing value; --gaps interpolate or previous fills it`
      : `${place(row)}: expected a value, found ${read[row]}, which stands for none`,
  );
}

/** Times and length of a series. */
function spanOf(series: Series, timeline: Timeline | undefined): string {
  const { frequency, length } = series;
  if (series.startTime === undefined) {
    const by = timeline === undefined ? 'by row' : `by ${JSON.stringify(timeline.column)}`;
    const hint =
      frequency.kind === 'rows' ? ' without dates (--frequency monthly and the like tells their seasons)' : '';
    return `${by}: ${length} ${frequency.kind === 'rows' ? 'steps' : `steps, ${frequencyName(frequency)}`}${hint}`;
  }
  const [first, last] = [shownStep(series, 0), shownStep(series, length - 1)];
  return `by ${JSON.stringify(timeline!.column)}: ${length} steps, ${frequencyName(frequency)}, ${first} to ${last}`;
}

/** Changes of the rows, one line each. */
function changesOf(timeline: Timeline, layout: Layout | undefined, { duplicates }: LoadOptions): string[] {
  const { column, isReversed, repeated } = timeline;
  const skipped = layout?.skipped ?? 0;
  const name = JSON.stringify(column);
  return [
    ...(isReversed ? ['the newest row comes first; the rows are turned round'] : []),
    ...(timeline.duplicates > 0
      ? [`rows that share ${name} with another (${timeline.duplicates}) are joined (--duplicates ${duplicates})`]
      : []),
    ...(skipped + repeated > 0
      ? [
          `${name} is a local clock: steps left out in spring (${skipped}) are interpolated, rows of a repeated hour in autumn (${repeated}) are averaged; times with offsets (+01:00) are exact`,
        ]
      : []),
  ];
}
