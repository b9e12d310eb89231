import { shown } from '@motley/run';

/** Collects the values of one column. */
export interface ColumnValues<Values> {
  /** Adds a field. Returns false if the text does not fit the column's type. */
  add(field: string): boolean;
  finish(): Values;
}

/** Type of a column, created by `column`. */
export interface Column<Values> {
  /** Description for messages: `an integer of at least 0`. */
  readonly expected: string;
  /** Whether codes do not depend on later rows, so that the file can be read in chunks. */
  readonly streams: boolean;
  /** Whether its values are the fields themselves. */
  readonly holdsText?: boolean;
  begin(): ColumnValues<Values>;
}

/** A categorical column: each row holds an index into `categories`. */
export interface CategoryValues {
  /** [N], -1 where missing. */
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

export interface MissingOptions {
  /** Whether to accept empty fields, NA, NaN and null as missing (NaN, or code -1). Default false. */
  readonly allowMissing?: boolean;
}

export interface NumberOptions extends MissingOptions {
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface CategoryOptions extends MissingOptions {
  /** All categories in the order of their codes. Default: the sorted categories of the file. */
  readonly categories?: readonly string[];
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INTEGER = /^[+-]?\d+$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/;
const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null']);

/** Whether a field marks a missing value. */
export function isMissing(field: string): boolean {
  return MISSING.has(field.trim().toLowerCase());
}

/** Column types of a CSV file. */
export const column = {
  /** Finite decimal numbers, as a Float64Array. */
  number: (options: NumberOptions = {}): Column<Float64Array> => numeric('a number', parseNumber(NUMBER), options),

  /** Integers that a double represents exactly, as a Float64Array. */
  integer: (options: NumberOptions = {}): Column<Float64Array> =>
    numeric(
      'an integer',
      (field) => {
        const value = parseNumber(INTEGER)(field);
        return Number.isSafeInteger(value) ? value : NaN;
      },
      options,
    ),

  /**
   * ISO 8601 dates with or without a time (`2014-01-31 23:30:00`), as a Float64Array of milliseconds since 1970. Dates
   * without a time zone are UTC.
   */
  date: (options: MissingOptions = {}): Column<Float64Array> =>
    numeric('a date (2014-01-31 23:30:00)', parseDate, options),

  /** Categories, as integer codes. */
  category: ({ categories, allowMissing = false }: CategoryOptions = {}): Column<CategoryValues> => ({
    expected: categories === undefined ? 'a category' : `one of ${categories.map((name) => shown(name)).join(', ')}`,
    streams: categories !== undefined,
    begin: () => new CategoryColumn(categories, allowMissing),
  }),

  /** Text, unchanged and possibly empty. */
  text: (): Column<readonly string[]> => ({
    expected: 'text',
    streams: true,
    holdsText: true,
    begin: () => {
      const fields: string[] = [];
      return { add: (field) => fields.push(field) > 0, finish: () => fields };
    },
  }),
};

function numeric(
  type: string,
  parse: (field: string) => number,
  { minimum = -Infinity, maximum = Infinity, allowMissing = false }: NumberOptions,
): Column<Float64Array> {
  const limits = [
    ...(minimum > -Infinity ? [`of at least ${minimum}`] : []),
    ...(maximum < Infinity ? [`of at most ${maximum}`] : []),
  ];
  return {
    expected: [type, ...limits].join(' '),
    streams: true,
    begin: () => {
      const values: number[] = [];
      return {
        add: (field) => {
          const value = parse(field.trim());
          const fits = value >= minimum && value <= maximum;
          if (fits) values.push(value);
          else if (allowMissing && isMissing(field)) values.push(NaN);
          else return false;
          return true;
        },
        finish: () => Float64Array.from(values),
      };
    },
  };
}

/** Parses a number. Returns NaN if the text is no number or exceeds the range of a double. */
function parseNumber(pattern: RegExp): (field: string) => number {
  return (field) => {
    const value = pattern.test(field) ? Number(field) : NaN;
    return Number.isFinite(value) ? value : NaN;
  };
}

function parseDate(field: string): number {
  const match = DATE.exec(field);
  if (match === null) return NaN;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const time = Date.parse(`${year!}-${month!}-${day!}T${hour}:${minute}:${second}${fraction}${zone}`);
  // Engines differ on dates such as February 30th. A valid date is unchanged when formatted again.
  const exists = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return exists ? time : NaN;
}

class CategoryColumn implements ColumnValues<CategoryValues> {
  readonly #codes: number[] = [];
  readonly #codeOf: Map<string, number>;
  readonly #known: readonly string[] | undefined;
  readonly #allowMissing: boolean;

  constructor(known: readonly string[] | undefined, allowMissing: boolean) {
    this.#known = known;
    this.#allowMissing = allowMissing;
    this.#codeOf = new Map(known?.map((name, code) => [name, code]));
  }

  add(field: string): boolean {
    const name = field.trim();
    let code = this.#codeOf.get(name);
    if (code === undefined) {
      if (isMissing(name)) {
        if (!this.#allowMissing) return false;
        code = -1;
      } else if (this.#known === undefined) {
        code = this.#codeOf.size;
        this.#codeOf.set(name, code);
      } else return false;
    }
    this.#codes.push(code);
    return true;
  }

  finish(): CategoryValues {
    if (this.#known !== undefined) return { codes: Int32Array.from(this.#codes), categories: this.#known };
    const categories = [...this.#codeOf.keys()].sort();
    const sortedCodeOf = new Map(categories.map((name, code) => [name, code]));
    const sortedCodes = [...this.#codeOf.keys()].map((name) => sortedCodeOf.get(name)!);
    return { codes: Int32Array.from(this.#codes, (code) => sortedCodes[code] ?? -1), categories };
  }
}
