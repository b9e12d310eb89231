import { largest, smallest, UserError } from '@motley/run';
import { z } from 'zod';
import { selectColumns, type Table, type TableColumn } from './table.ts';

/** Choices of the encoding. */
export interface EncoderOptions {
  /** Whether skewed numbers that are never negative, such as years and incomes, are replaced by log(1 + x). */
  readonly logarithms: boolean;
  /** `standard`: mean 0, deviation 1. `robust`: median and interquartile range, then smooth clipping to ±3. */
  readonly scaling: 'standard' | 'robust';
  /** Whether levels are numbers; otherwise they are categories. */
  readonly ordinalsAsNumbers: boolean;
}

const numberSchema = z.strictObject({
  column: z.string(),
  isLogarithm: z.boolean(),
  offset: z.number(),
  /** 0 for a column that is constant in the training rows. */
  scale: z.number().min(0),
  /** Value of a missing entry, after the logarithm and before scaling. */
  median: z.number(),
  hasIndicator: z.boolean(),
});
const categorySchema = z.strictObject({
  column: z.string(),
  categories: z.array(z.string()),
  /** Whether the categories are the numbers of levels. */
  ofNumbers: z.boolean(),
  hasIndicator: z.boolean(),
});
const stateSchema = z.strictObject({
  isClipped: z.boolean(),
  numbers: z.array(numberSchema),
  categories: z.array(categorySchema),
});

type NumberEncoding = z.output<typeof numberSchema>;
type CategoryEncoding = z.output<typeof categorySchema>;
type EncoderState = z.output<typeof stateSchema>;

/** Inputs as a network reads them. */
export interface EncodedRows {
  readonly rowCount: number;
  /** [N, D]: scaled numbers. */
  readonly numbers: Float32Array;
  /** [N, C], 0 or 1: categories, then missing values. */
  readonly indicators: Float32Array;
}

/** Skewness from which a column is replaced by its logarithm. */
const SKEWED = 0.75;
/** Columns with fewer values are ranks, which stay as they are. */
const DISTINCT_OF_MEASURES = 8;
const CLIP = 3;

/**
 * Turns columns into features, as fitted on the training rows:
 * - a number is scaled; a missing one has the median, and an indicator of its own if the training rows lack some;
 * - a category is one-hot; one that the training rows lack is all zeros.
 */
export class TableEncoder {
  readonly #state: EncoderState;

  private constructor(state: EncoderState) {
    this.#state = state;
  }

  /** Fits an encoder on training rows alone. */
  static fit({ columns }: Table, { logarithms, scaling, ordinalsAsNumbers }: EncoderOptions): TableEncoder {
    const numbers: NumberEncoding[] = [];
    const categories: CategoryEncoding[] = [];
    for (const column of columns)
      if (column.kind === 'number' && (ordinalsAsNumbers || column.levels === undefined))
        numbers.push(numberEncoding(column.name, column.values, column.levels === undefined && logarithms, scaling));
      else categories.push(categoryEncoding(column));
    return new TableEncoder({ isClipped: scaling === 'robust', numbers, categories });
  }

  /** @throws UserError where the value is no state of an encoder */
  static fromJSON(value: unknown): TableEncoder {
    const parsed = stateSchema.safeParse(value);
    if (!parsed.success)
      throw new UserError('checkpoint: expected the state of an encoder of tables, found other data');
    return new TableEncoder(parsed.data);
  }

  toJSON(): EncoderState {
    return this.#state;
  }

  /** Names of the columns that it reads. */
  get columns(): readonly string[] {
    return [...this.#state.numbers, ...this.#state.categories].map(({ column }) => column);
  }

  /** D */
  get numberCount(): number {
    return this.#state.numbers.length;
  }

  /** C */
  get indicatorCount(): number {
    const { numbers, categories } = this.#state;
    const levels = categories.reduce((sum, each) => sum + each.categories.length, 0);
    return levels + [...numbers, ...categories].filter(({ hasIndicator }) => hasIndicator).length;
  }

  /**
   * Encodes rows.
   * @throws UserError where a column is missing
   */
  encode(table: Table): EncodedRows {
    const { numbers, categories, isClipped } = this.#state;
    const { rowCount } = table;
    const [width, indicatorWidth] = [this.numberCount, this.indicatorCount];
    const encoded = {
      rowCount,
      numbers: new Float32Array(rowCount * width),
      indicators: new Float32Array(rowCount * indicatorWidth),
    };
    let place = categories.reduce((sum, each) => sum + each.categories.length, 0);
    for (const [index, encoding] of numbers.entries()) {
      const { values } = columnOf(table, encoding.column, 'number');
      const indicator = encoding.hasIndicator ? place++ : undefined;
      for (let row = 0; row < rowCount; row++) {
        encoded.numbers[row * width + index] = scaled(values[row]!, encoding, isClipped);
        if (indicator !== undefined && Number.isNaN(values[row]))
          encoded.indicators[row * indicatorWidth + indicator] = 1;
      }
    }
    let first = 0;
    for (const encoding of categories) {
      const texts = textsOf(table, encoding);
      const indicator = encoding.hasIndicator ? place++ : undefined;
      for (let row = 0; row < rowCount; row++) {
        const code = encoding.categories.indexOf(texts[row]!);
        const at = texts[row] === '' ? indicator : code < 0 ? undefined : first + code;
        if (at !== undefined) encoded.indicators[row * indicatorWidth + at] = 1;
      }
      first += encoding.categories.length;
    }
    return encoded;
  }

  /** Categories of a column that the training rows lack, in order of appearance. */
  unseen(table: Table): Readonly<Record<string, readonly string[]>> {
    const entries = this.#state.categories.map((encoding) => {
      const known = new Set(['', ...encoding.categories]);
      return [encoding.column, [...new Set(textsOf(table, encoding))].filter((text) => !known.has(text))] as const;
    });
    return Object.fromEntries(entries.filter(([, texts]) => texts.length > 0));
  }
}

function columnOf<Kind extends TableColumn['kind']>(table: Table, name: string, kind: Kind) {
  const [column] = selectColumns(table, [name]).columns;
  if (column?.kind === kind) return column as Extract<TableColumn, { kind: Kind }>;
  throw new UserError(`table: expected a column ${JSON.stringify(name)} (${kind}), found ${column?.kind ?? 'none'}`);
}

function textsOf(table: Table, { column, ofNumbers }: CategoryEncoding): readonly string[] {
  if (!ofNumbers) return columnOf(table, column, 'category').values;
  return Array.from(columnOf(table, column, 'number').values, (value) => (Number.isNaN(value) ? '' : String(value)));
}

function categoryEncoding(column: TableColumn): CategoryEncoding {
  const ofNumbers = column.kind === 'number';
  const texts = ofNumbers
    ? Array.from(column.values, (value) => (Number.isNaN(value) ? '' : String(value)))
    : column.values;
  const categories = [...new Set(texts)].filter((text) => text !== '').sort();
  return { column: column.name, categories, ofNumbers, hasIndicator: texts.includes('') };
}

function numberEncoding(
  column: string,
  values: Float64Array,
  mayBeLogarithm: boolean,
  scaling: EncoderOptions['scaling'],
): NumberEncoding {
  const present = values.filter((value) => !Number.isNaN(value));
  const hasIndicator = present.length < values.length && present.length > 0;
  if (present.length === 0) return { column, isLogarithm: false, offset: 0, scale: 0, median: 0, hasIndicator };
  const isLogarithm = mayBeLogarithm && isSkewedMeasure(present);
  const sorted = (isLogarithm ? present.map(Math.log1p) : present).slice().sort();
  const median = quantile(sorted, 0.5);
  return { column, isLogarithm, median, hasIndicator, ...(scaling === 'robust' ? robust(sorted) : standard(sorted)) };
}

function isSkewedMeasure(values: Float64Array): boolean {
  if (smallest(values) < 0 || new Set(values).size < DISTINCT_OF_MEASURES) return false;
  const { offset, scale } = standard(values);
  return values.reduce((sum, value) => sum + ((value - offset) * scale) ** 3, 0) / values.length > SKEWED;
}

function standard(values: Float64Array): { readonly offset: number; readonly scale: number } {
  const offset = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - offset) ** 2, 0) / values.length);
  const isConstant = deviation <= largest(values.map(Math.abs)) * values.length * Number.EPSILON;
  return { offset, scale: isConstant ? 0 : 1 / deviation };
}

/** Median, and 1 / interquartile range; where that is 0, 2 / range (Holzmüller et al., 2024, section 3). */
function robust(sorted: Float64Array): { readonly offset: number; readonly scale: number } {
  const quartiles = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  const range = sorted.at(-1)! - sorted[0]!;
  return { offset: quantile(sorted, 0.5), scale: quartiles > 0 ? 1 / quartiles : range > 0 ? 2 / range : 0 };
}

function scaled(value: number, { isLogarithm, median, offset, scale }: NumberEncoding, isClipped: boolean): number {
  const known = Number.isNaN(value) ? median : isLogarithm ? Math.log1p(Math.max(0, value)) : value;
  const result = (known - offset) * scale;
  return isClipped ? result / Math.sqrt(1 + (result / CLIP) ** 2) : result;
}

/** Quantile of sorted values, linear between ranks. */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const position = level * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!];
  return below + (above - below) * (position - Math.floor(position));
}
