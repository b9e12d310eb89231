import { shown, suggestion, UserError } from '@motley/run';
import type { ColumnSchema, Table, TableColumn, Target, Task } from './table.ts';

/** Texts of a table by column. */
export interface TextColumns {
  /** Name of the file, for messages. */
  readonly path: string;
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly hasDecimalCommas: boolean;
}

/** Words for levels, from low to high: those of the HR table, and usual ones. */
const LEVELS = [
  ['Low', 'Medium', 'High', 'Very_High'],
  ['Bad', 'Good', 'Better', 'Best'],
  ['Low', 'Good', 'Excellent', 'Outstanding'],
  ['Below_College', 'College', 'Bachelor', 'Master', 'Doctor'],
  ['Small', 'Medium', 'Large'],
  ['Never', 'Rarely', 'Sometimes', 'Often', 'Always'],
] as const;

const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?']);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Categories of a column; one with more is free text. */
const MOST_CATEGORIES = 100;
/** Classes that a number needs more of, to be predicted as one. */
const MOST_NUMBERED_CLASSES = 10;
const MOST_CLASSES = 1000;
const POSITIVE_NAMES = ['yes', 'true', '1', 'y', 'positive'];

/** Category as it is compared: `Research & Development` and `Research_Development` are one. */
function normalized(text: string): string {
  const trimmed = text.trim();
  return MISSING.has(trimmed.toLowerCase()) ? '' : trimmed.replace(/[\s&_]+/g, '_');
}

/** A number, NaN where the text is none. */
function numberOf(text: string, hasDecimalCommas: boolean): number {
  const trimmed = text.trim();
  const written = hasDecimalCommas ? trimmed.replace(',', '.') : trimmed;
  const value = NUMBER.test(written) ? Number(written) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

/** Columns that a table is read by, and those that are left out. */
export interface InferredColumns {
  readonly schema: readonly ColumnSchema[];
  /** A line for each column that is left out. */
  readonly notes: readonly string[];
}

export interface ColumnChoices {
  readonly target: string;
  /** None: all but the target. */
  readonly inputs: readonly string[];
  readonly ignored: readonly string[];
  readonly categories: readonly string[];
}

/**
 * Types of the columns. Constants, row numbers and free text are left out, unless they are asked for by name.
 * @throws UserError where a named column does not exist, or no column is left
 */
export function inferColumns(table: TextColumns, choices: ColumnChoices): InferredColumns {
  const names = [...table.columns.keys()];
  requireColumn(table, choices.target, ' to predict (--target)');
  for (const name of [...choices.inputs, ...choices.ignored, ...choices.categories]) requireColumn(table, name);
  const inputs = choices.inputs.length > 0 ? choices.inputs : names;
  const schema: ColumnSchema[] = [];
  const notes: string[] = [];
  for (const name of names) {
    if (name === choices.target || !inputs.includes(name) || choices.ignored.includes(name)) continue;
    const isAsked = choices.inputs.includes(name);
    const column = schemaOf(table, name, choices.categories.includes(name));
    const reason = isAsked ? undefined : uselessness(table, column);
    if (reason === undefined) schema.push(column);
    else notes.push(`${table.path}: column ${shown(name)} is left out: ${reason}`);
  }
  if (schema.length === 0)
    throw new UserError(`${table.path}: expected a column to predict ${shown(choices.target)} from, found none`);
  return { schema, notes };
}

function requireColumn({ path, columns }: TextColumns, name: string, purpose = ''): readonly string[] {
  const values = columns.get(name);
  if (values !== undefined) return values;
  throw new UserError(
    `${path}: row 1: expected a column ${shown(name)}${purpose}, found none${suggestion(name, [...columns.keys()])}`,
  );
}

function schemaOf({ columns, hasDecimalCommas }: TextColumns, name: string, isCategory: boolean): ColumnSchema {
  const texts = new Set(
    columns
      .get(name)!
      .map(normalized)
      .filter((text) => text !== ''),
  );
  if (!isCategory && [...texts].every((text) => !Number.isNaN(numberOf(text, hasDecimalCommas))))
    return { name, kind: 'number' };
  const levels = LEVELS.find((words) => texts.size > 1 && [...texts].every((text) => isLevel(words, text)));
  return !isCategory && levels !== undefined ? { name, kind: 'number', levels } : { name, kind: 'category' };
}

function isLevel(words: readonly string[], text: string): boolean {
  return words.some((word) => word.toLowerCase() === text.toLowerCase());
}

/** Reason to leave a column out. */
function uselessness({ columns, rowCount, hasDecimalCommas }: TextColumns, { name, kind }: ColumnSchema) {
  const texts = columns.get(name)!.map(normalized);
  const distinct = new Set(texts);
  if (distinct.size < 2) return 'all rows have the same value';
  const numbers = texts.map((text) => numberOf(text, hasDecimalCommas));
  if (kind === 'number' && distinct.size === rowCount && numbers.every(isNextAbove))
    return 'its numbers count the rows';
  if (kind === 'category' && distinct.size > MOST_CATEGORIES)
    return `${distinct.size} different texts are no categories`;
  return undefined;
}

function isNextAbove(value: number, row: number, all: readonly number[]): boolean {
  return Number.isInteger(value) && (row === 0 || value > all[row - 1]!);
}

/**
 * Columns of a schema.
 * @throws UserError naming the row and column of a value that does not fit
 */
export function parseTable(table: TextColumns, schema: readonly ColumnSchema[]): Table {
  const columns = schema.map(({ name, kind, levels }): TableColumn => {
    const texts = requireColumn(table, name);
    if (kind === 'category') return { name, kind, values: texts.map(normalized) };
    const values = Float64Array.from(texts, (text, row) => {
      if (normalized(text) === '') return NaN;
      const rank = levels?.findIndex((word) => word.toLowerCase() === normalized(text).toLowerCase()) ?? -1;
      const value = rank >= 0 ? rank + 1 : numberOf(text, table.hasDecimalCommas);
      const isFit = levels === undefined ? !Number.isNaN(value) : value >= 1 && value <= levels.length;
      if (isFit) return value;
      const expected = levels === undefined ? 'a number' : `one of ${levels.join(', ')}`;
      throw new UserError(`${place(table, row, name)}: expected ${expected}, found ${shown(text)}`);
    });
    return { name, kind, values, ...(levels && { levels }) };
  });
  return { rowCount: table.rowCount, columns };
}

function place({ path }: TextColumns, row: number, name: string): string {
  return `${path}: row ${row + 2}, column ${shown(name)}`;
}

export interface TargetChoices {
  readonly target: string;
  readonly task: Task | 'auto';
  /** Empty: as the names suggest, else the rarer one. */
  readonly positive: string;
}

/**
 * Target of a table.
 * @throws UserError where a row lacks it, or it does not fit the task
 */
export function parseTarget(table: TextColumns, { target: name, task, positive }: TargetChoices): Target {
  const texts = targetTexts(table, name);
  const numbers = texts.map((text) => numberOf(text, table.hasDecimalCommas));
  const distinct = [...new Set(texts)];
  const isNumeric = numbers.every((value) => !Number.isNaN(value));
  const isNumber = task === 'number' || (task === 'auto' && isNumeric && distinct.length > MOST_NUMBERED_CLASSES);
  if (isNumber) {
    const row = numbers.findIndex(Number.isNaN);
    if (row >= 0) throw new UserError(`${place(table, row, name)}: expected a number, found ${shown(texts[row])}`);
    if (distinct.length < 2) throw new UserError(`${table.path}: column ${shown(name)}: expected different numbers`);
    return { name, task: 'number', classes: [], values: Float64Array.from(numbers) };
  }
  const byNumber = (left: string, right: string): number => Number(left) - Number(right);
  const classes = isNumeric ? distinct.sort(byNumber) : distinct.sort();
  checkClasses(table, name, classes, task);
  const ordered =
    classes.length === 2 && task !== 'multi-class' ? orderedPair(texts, classes, positive, name) : classes;
  return withClasses(table, name, ordered.length === 2 && task !== 'multi-class' ? 'binary' : 'multi-class', ordered);
}

/**
 * Target with given classes, as a predictor has them.
 * @throws UserError naming the row of another class
 */
export function withClasses(table: TextColumns, name: string, task: Task, classes: readonly string[]): Target {
  const codes = new Map(classes.map((each, index) => [each, index]));
  const values = Float64Array.from(targetTexts(table, name), (text, row) => {
    const value = task === 'number' ? numberOf(text, table.hasDecimalCommas) : codes.get(text);
    if (value !== undefined && !Number.isNaN(value)) return value;
    const expected = task === 'number' ? 'a number' : `one of ${shown(classes)}`;
    throw new UserError(`${place(table, row, name)}: expected ${expected}, found ${shown(text)}`);
  });
  return { name, task, classes, values };
}

function targetTexts(table: TextColumns, name: string): string[] {
  const texts = requireColumn(table, name).map(normalized);
  const row = texts.indexOf('');
  if (row >= 0) throw new UserError(`${place(table, row, name)}: expected a value to learn, found none`);
  return texts;
}

function checkClasses({ path }: TextColumns, name: string, classes: readonly string[], task: string): void {
  const where = `${path}: column ${shown(name)}`;
  if (classes.length < 2) throw new UserError(`${where}: expected at least two classes, found ${shown(classes)}`);
  if (classes.length > MOST_CLASSES)
    throw new UserError(`${where}: expected at most ${MOST_CLASSES} classes, found ${classes.length}`);
  if (task === 'binary' && classes.length > 2)
    throw new UserError(`${where}: expected two classes (data.task=binary), found ${classes.length}`);
}

/** Two classes, the positive one last. */
function orderedPair(texts: readonly string[], classes: readonly string[], positive: string, name: string): string[] {
  if (positive !== '' && !classes.includes(positive))
    throw new UserError(
      `data.positive: expected a class of ${shown(name)}, one of ${shown(classes)}, got ${shown(positive)}`,
    );
  const named = classes.find((each) => POSITIVE_NAMES.includes(each.toLowerCase()));
  const count = (each: string): number => texts.filter((text) => text === each).length;
  const [first, second] = classes as [string, string];
  const last = positive || (named ?? (count(first) < count(second) ? first : second));
  return last === second ? [first, second] : [second, first];
}
