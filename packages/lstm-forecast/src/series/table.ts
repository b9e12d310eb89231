import { open } from 'node:fs/promises';
import { column, readCsv, readCsvHeader } from '@motley/core/node';
import { suggestion, UserError } from '@motley/run';
import { timeFormatOf, usualTimeFormat, type TimeFormat } from './moments.ts';
import { decimalMarkOf } from './numbers.ts';

/** Rows that tell how a table is written. */
const SAMPLE_ROWS = 1000;
/** Bytes and lines that tell the delimiter. */
const SAMPLE_BYTES = 2 ** 16;
const SAMPLE_LINES = 10;
/** Delimiters besides the comma, which may stand before decimals. */
const DELIMITERS = ['\t', ';', '|'] as const;

/** Names and first rows of a CSV file. */
export interface TableSample {
  readonly path: string;
  readonly delimiter: string;
  readonly names: readonly string[];
  /** First fields of each column; none where the table has no rows. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

/** Columns of a table. */
export interface TableRoles {
  readonly target: string;
  /** Undefined where the rows have no times. */
  readonly time: { readonly name: string; readonly format: TimeFormat } | undefined;
}

/**
 * Reads the first rows of a CSV file, whose delimiter may be a comma, a semicolon, a tab or a vertical bar.
 * @throws UserError naming the file, what was expected and what was found
 */
export async function sampleTable(path: string): Promise<TableSample> {
  const delimiter = await delimiterOf(path);
  const names = await readCsvHeader(path, { delimiter });
  const schema = Object.fromEntries(names.map((name) => [name, column.text()]));
  for await (const { columns } of readCsv(path, schema, { delimiter, rowsPerChunk: SAMPLE_ROWS }))
    return { path, delimiter, names, fields: columns };
  return { path, delimiter, names, fields: {} };
}

/** The delimiter that the first lines have equally often; a comma if there is none. */
async function delimiterOf(path: string): Promise<string> {
  const text = await beginningOf(path);
  const lines = text.split(/\r?\n/).slice(0, -1).slice(0, SAMPLE_LINES);
  // A file may be one line, and a line longer than the sample.
  const whole = (lines.length === 0 ? [text] : lines).filter((line) => line !== '');
  const counts = (delimiter: string): Set<number> =>
    new Set(whole.map((line) => line.replace(/"[^"]*"/g, '').split(delimiter).length - 1));
  return DELIMITERS.find((delimiter) => counts(delimiter).size === 1 && !counts(delimiter).has(0)) ?? ',';
}

async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    // The reader of the table says what is wrong with the file.
    return '';
  }
}

export interface AskedRoles {
  /** Empty: the only column of numbers besides the times, the covariates and row numbers. */
  readonly target: string;
  /** Empty: the only column of times, if there is one. */
  readonly time: string;
  readonly covariates: readonly string[];
}

/**
 * Tells the columns of a table apart.
 * @throws UserError where a column is missing, or several columns may be the target or the times
 */
export function rolesOf(sample: TableSample, { target, time, covariates }: AskedRoles): TableRoles {
  const { path, names } = sample;
  for (const name of [time, target, ...covariates])
    if (name !== '' && !names.includes(name))
      throw new UserError(
        `${path}: row 1: expected a column ${JSON.stringify(name)}, found none${suggestion(name, names)}`,
      );
  if (names.every((name) => timeFormatOf([name]) !== undefined))
    throw new UserError(`${path}: row 1: expected names of the columns (time,value), found values: ${listed(names)}`);
  if (Object.keys(sample.fields).length === 0)
    throw new UserError(`${path}: expected at least one row of values, found none`);
  const free = names.filter((name) => name !== target && !covariates.includes(name));
  const timeName = time === '' ? findTime(sample, free) : time;
  const fields = timeName === undefined ? [] : sample.fields[timeName]!;
  return {
    target:
      target === ''
        ? findTarget(
            sample,
            free.filter((name) => name !== timeName),
          )
        : target,
    time:
      timeName === undefined ? undefined : { name: timeName, format: timeFormatOf(fields) ?? usualTimeFormat(fields) },
  };
}

/** Names that columns of times usually have, the number of seconds among them. */
const TIME_NAME = /^(?:date|time|datetime|timestamp|ds)$/i;

function findTime({ path, fields }: TableSample, names: readonly string[]): string | undefined {
  const times = names.filter((name) => areTimes(name, fields[name]!));
  const named = times.filter((name) => TIME_NAME.test(name));
  const [found, second] = named.length === 1 ? named : times;
  if (second === undefined) return found;
  throw new UserError(`${path}: expected --time, the column of times, one of ${listed(times)}, got none`);
}

/** Whether fields are times: dates, or numbers that rise or fall strictly and can be years or dates. */
function areTimes(name: string, fields: readonly string[]): boolean {
  const format = timeFormatOf(fields);
  if (format === undefined) return false;
  if (format.evidence === 'dates') return true;
  const isStrict = fields.length > 1 && new Set(fields).size === fields.length;
  return isStrict && (format.evidence === 'years' || TIME_NAME.test(name));
}

function findTarget({ path, delimiter, fields }: TableSample, names: readonly string[]): string {
  const numeric = names.filter((name) => decimalMarkOf(fields[name]!, delimiter) !== undefined);
  const values = numeric.filter((name) => !isCounter(fields[name]!));
  const found = values.length > 0 ? values : numeric;
  if (found.length === 1) return found[0]!;
  throw new UserError(
    found.length === 0
      ? `${path}: expected a column of numbers to forecast, found ${listed(names) || 'none besides the times'}`
      : `${path}: expected --target, the column to forecast, one of ${listed(found)}, got none`,
  );
}

/** Whether fields are row numbers, from 0 or 1 on. */
function isCounter(fields: readonly string[]): boolean {
  const first = Number(fields[0]);
  return (
    fields.length > 1 &&
    (first === 0 || first === 1) &&
    fields.every((field, row) => field !== '' && Number(field) === first + row)
  );
}

function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
