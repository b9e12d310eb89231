import { open } from 'node:fs/promises';
import { column, loadCsv, readCsvHeader } from '@motley/core/node';
import { UserError } from '@motley/run';

/** CSV file as text, column by column. */
export interface TextTable {
  readonly path: string;
  readonly rowCount: number;
  /** [N] each. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly hasDecimalCommas: boolean;
}

/** Bytes that hold the first line. */
const HEADER_BYTES = 2 ** 16;
const DELIMITERS = [',', ';', '\t', '|'] as const;
const MOST_BYTES = 2 ** 28;

/**
 * Reads a CSV file with a header, whose columns are separated by commas, semicolons, tabs or vertical bars.
 * @throws UserError naming the file, row and column, what was expected and what was found
 */
export async function readTextTable(path: string): Promise<TextTable> {
  const delimiter = await delimiterOf(path);
  const names = await readCsvHeader(path, { delimiter });
  const unnamed = names.indexOf('');
  if (unnamed >= 0)
    throw new UserError(`${path}: row 1: expected a name for every column, found none for column ${unnamed + 1}`);
  const schema = Object.fromEntries(names.map((name) => [name, column.text()]));
  const { rowCount, columns } = await loadCsv(path, schema, { delimiter, maxBytes: MOST_BYTES });
  return {
    path,
    rowCount,
    columns: new Map(names.map((name) => [name, columns[name]!])),
    hasDecimalCommas: delimiter === ';',
  };
}

/** The delimiter that the first line has most often; a comma if there is none. */
async function delimiterOf(path: string): Promise<string> {
  const [line = ''] = (await beginningOf(path)).split(/\r?\n/);
  const outside = line.replace(/"[^"]*"/g, '');
  const count = (delimiter: string): number => outside.split(delimiter).length;
  return DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best));
}

async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    // The reader of the table says what is wrong with the file.
    return '';
  }
}
