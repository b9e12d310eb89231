import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { Budget, BYTES_OF_VALUE, shown, suggestion, UserError } from '@motley/run';
import { decodeUtf8Stream, reasonOf } from '@motley/run/node';
import { CsvError, parse } from 'csv-parse';
import { isMissing, type Column, type ColumnValues } from './csv-columns.ts';

/** Columns to read, by name. Other columns are ignored. */
export type CsvSchema = Readonly<Record<string, Column<unknown>>>;

export interface CsvTable<Schema extends CsvSchema> {
  readonly rowCount: number;
  readonly columns: { readonly [Name in keyof Schema]: Schema[Name] extends Column<infer Values> ? Values : never };
}

export interface CsvOptions {
  /** Delimiter between fields. Default a comma. */
  readonly delimiter?: string;
  /**
   * Whether the first row holds the column names. If not, the file's columns must follow the schema's order. Default
   * true.
   */
  readonly header?: boolean;
  /** Maximum file size. Default 1 GiB for `loadCsv`, none for `readCsv`. */
  readonly maxBytes?: number;
}

export interface CsvStreamOptions extends CsvOptions {
  /** Maximum number of rows per table. Default 65,536. */
  readonly rowsPerChunk?: number;
}

/** Maximum row size. A longer row usually means an unclosed quote. */
const MAX_ROW_BYTES = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/**
 * Reads a CSV file into typed columns. The format is RFC 4180 (doubled quotes, line breaks within quotes) with LF or
 * CRLF, in UTF-8 with or without a byte order mark. Row numbers in messages match a spreadsheet: the header is row 1.
 * @throws UserError naming the file, row and column, the expected content and the content found
 */
export async function loadCsv<Schema extends CsvSchema>(
  path: string,
  schema: Schema,
  options: CsvOptions = {},
): Promise<CsvTable<Schema>> {
  const whole = { maxBytes: GIBIBYTE, ...options, rowsPerChunk: Infinity };
  for await (const table of chunksOf(path, schema, whole)) return table;
  throw new UserError(`${path}: expected at least one row of values, found none`);
}

/**
 * Reads a CSV file of any size in tables of at most `rowsPerChunk` rows. Only one table is in memory at a time.
 * @throws UserError as `loadCsv` does
 * @throws RangeError if a category column lacks its categories, which would be known only at the end of the file
 */
export async function* readCsv<Schema extends CsvSchema>(
  path: string,
  schema: Schema,
  { rowsPerChunk = 65_536, ...options }: CsvStreamOptions = {},
): AsyncGenerator<CsvTable<Schema>> {
  const open = Object.entries(schema).find(([, { streams }]) => !streams);
  if (open !== undefined)
    throw new RangeError(`readCsv: expected the categories of column ${shown(open[0])}, which a part cannot know`);
  if (!(rowsPerChunk >= 1)) throw new RangeError(`readCsv: expected at least 1 row per chunk, got ${rowsPerChunk}`);
  yield* chunksOf(path, schema, { ...options, rowsPerChunk });
}

/**
 * Reads the column names of a CSV file, its first row.
 * @throws UserError as `loadCsv` does
 */
export async function readCsvHeader(
  path: string,
  { delimiter = ',' }: Pick<CsvOptions, 'delimiter'> = {},
): Promise<readonly string[]> {
  for await (const fields of rowsOf(path, delimiter)) return [...positionsOf(fields, path).keys()];
  throw new UserError(`${path}: expected a CSV table, found an empty file`);
}

/** Stacks columns of equal length as the columns of a row-major float32 matrix [N, D]. */
export function stackColumns(columns: readonly ArrayLike<number>[]): Float32Array {
  const rowCount = columns[0]?.length ?? 0;
  const different = columns.findIndex(({ length }) => length !== rowCount);
  if (different >= 0)
    throw new RangeError(`stackColumns: expected ${rowCount} rows, got ${columns[different]!.length} in ${different}`);
  const values = new Float32Array(rowCount * columns.length);
  for (const [index, column] of columns.entries())
    for (let row = 0; row < rowCount; row++) values[row * columns.length + index] = column[row]!;
  return values;
}

async function* chunksOf<Schema extends CsvSchema>(
  path: string,
  schema: Schema,
  options: CsvOptions & { readonly rowsPerChunk: number },
): AsyncGenerator<CsvTable<Schema>> {
  const { delimiter = ',', header = true, rowsPerChunk } = options;
  const begin = () => Object.values(schema).map((column) => column.begin());
  const budget = () => Budget.forHeap(path, 'rows', Infinity);
  let spent = budget();
  let layout = header ? undefined : withoutHeader(schema);
  let values = begin();
  let rowCount = 0;
  let row = 0;
  /** Empty rows of one column: missing values, unless they end the file. */
  let emptyRows: number[] = [];
  const finish = () =>
    ({
      rowCount,
      columns: Object.fromEntries(Object.keys(schema).map((name, index) => [name, values[index]!.finish()])),
    }) as CsvTable<Schema>;
  for await (const fields of rowsOf(path, delimiter, options.maxBytes)) {
    row++;
    if (layout === undefined) {
      layout = layoutOf(fields, schema, path, delimiter);
      continue;
    }
    if (fields.length === 1 && fields[0] === '') {
      if (layout.width === 1) emptyRows.push(row);
      continue;
    }
    if (fields.length !== layout.width)
      throw new UserError(`${path}: row ${row}: expected ${layout.width} fields, found ${fields.length}`);
    for (const each of [...emptyRows, row]) {
      const found = each === row ? fields : [''];
      spent.hold(bytesOf(found, layout));
      addRow(found, layout, values, `${path}: row ${each}`);
      rowCount++;
      if (rowCount === rowsPerChunk) {
        yield finish();
        values = begin();
        spent = budget();
        rowCount = 0;
      }
    }
    emptyRows = [];
  }
  if (row === 0) throw new UserError(`${path}: expected a CSV table, found an empty file`);
  if (rowCount > 0) yield finish();
}

interface LaidOutColumn {
  readonly name: string;
  readonly column: Column<unknown>;
  /** Index of the column within a row. */
  readonly position: number;
}

interface Layout {
  readonly width: number;
  readonly columns: readonly LaidOutColumn[];
}

function withoutHeader(schema: CsvSchema): Layout {
  const columns = Object.entries(schema).map(([name, column], position) => ({ name, column, position }));
  return { width: columns.length, columns };
}

/** Position of each column by its name. */
function positionsOf(header: readonly string[], path: string): Map<string, number> {
  const positions = new Map<string, number>();
  for (const [position, field] of header.entries()) {
    const name = field.trim();
    const other = positions.get(name);
    if (other !== undefined)
      throw new UserError(
        `${path}: row 1: expected every column name once, found ${shown(name)} in columns ${other + 1} and ${position + 1}`,
      );
    positions.set(name, position);
  }
  return positions;
}

function layoutOf(header: readonly string[], schema: CsvSchema, path: string, delimiter: string): Layout {
  const positions = positionsOf(header, path);
  const names = [...positions.keys()];
  const columns = Object.entries(schema).map(([name, column]) => {
    const position = positions.get(name);
    if (position !== undefined) return { name, column, position };
    const other = [';', '\t', ','].find((each) => each !== delimiter && names.length === 1 && names[0]!.includes(each));
    throw new UserError(
      other === undefined
        ? `${path}: row 1: expected a column ${shown(name)}, found none${suggestion(name, names)}`
        : `${path}: row 1: expected columns between ${shown(delimiter)}, found them between ${shown(other)}`,
    );
  });
  return { width: names.length, columns };
}

/** Memory of a row's values: a number in a growing list and in its array, or a string. */
function bytesOf(fields: readonly string[], { columns }: Layout): number {
  const ofField = ({ column, position }: LaidOutColumn): number =>
    BYTES_OF_VALUE.element + (column.holdsText === true ? BYTES_OF_VALUE.element + fields[position]!.length : 0);
  return columns.reduce((sum, each) => sum + ofField(each), 0);
}

function addRow(
  fields: readonly string[],
  layout: Layout,
  values: readonly ColumnValues<unknown>[],
  where: string,
): void {
  for (const [index, { name, column, position }] of layout.columns.entries()) {
    const field = fields[position]!;
    if (values[index]!.add(field)) continue;
    const found = isMissing(field) ? `a missing value (${shown(field)})` : shown(field);
    throw new UserError(`${where}, column ${shown(name)}: expected ${column.expected}, found ${found}`);
  }
}

async function* rowsOf(path: string, delimiter: string, maxBytes = Infinity): AsyncGenerator<readonly string[]> {
  const parser = parse({ delimiter, relax_column_count: true, max_record_size: MAX_ROW_BYTES });
  try {
    const { size } = await stat(path);
    if (size > maxBytes)
      throw new UserError(`${path}: expected a CSV table of at most ${maxBytes} bytes, found ${size}`);
    // The parser passes read and decode errors on to the loop below.
    pipeline(decodeUtf8Stream(createReadStream(path), path), parser, () => undefined);
    yield* parser as AsyncIterable<string[]>;
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof CsvError) throw malformed(error, path);
    throw new UserError(`${path}: expected a CSV table, found: ${reasonOf(error)}`, { cause: error });
  }
}

const MALFORMED: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a closing quote, found the end of the file',
  CSV_INVALID_CLOSING_QUOTE: 'a delimiter or the end of the row after a closing quote, found other text',
  INVALID_OPENING_QUOTE: 'quotes around a whole field or doubled within one, found one in the middle of a field',
  CSV_MAX_RECORD_SIZE: `at most ${MAX_ROW_BYTES} bytes, found more (is a quote not closed?)`,
};

function malformed(error: CsvError, path: string): UserError {
  const row = typeof error.records === 'number' ? error.records + 1 : undefined;
  const what = MALFORMED[error.code] ?? `a CSV row, found: ${error.message}`;
  return new UserError(`${path}: ${row === undefined ? '' : `row ${row}: `}expected ${what}`, { cause: error });
}
