/** Column of numbers. */
interface NumberColumn {
  readonly name: string;
  readonly kind: 'number';
  /** [N], NaN where missing. */
  readonly values: Float64Array;
  /** Words that the numbers 1, 2, 3 … stand for, in order; none for a measured number. */
  readonly levels?: readonly string[];
}

/** Column of categories without an order. */
interface CategoryColumn {
  readonly name: string;
  readonly kind: 'category';
  /** [N], empty where missing. */
  readonly values: readonly string[];
}

export type TableColumn = NumberColumn | CategoryColumn;

/** Inputs of a predictor, one row for each case. */
export interface Table {
  readonly rowCount: number;
  readonly columns: readonly TableColumn[];
}

/** Description of a column without its values. */
export interface ColumnSchema {
  readonly name: string;
  readonly kind: TableColumn['kind'];
  readonly levels?: readonly string[] | undefined;
}

/** Kind of prediction: two classes, several classes, or a number. */
export type Task = 'binary' | 'multi-class' | 'number';

/** Column that is predicted. */
export interface Target {
  readonly name: string;
  readonly task: Task;
  /** Names of the classes; the second one of two is the positive one. Empty for a number. */
  readonly classes: readonly string[];
  /** [N]: index of the class, or the number. */
  readonly values: Float64Array;
}

/** Number of values that a predictor gives for a row: a probability, one for each class, or a number. */
export function outputsOf({ task, classes }: Pick<Target, 'task' | 'classes'>): number {
  return task === 'multi-class' ? classes.length : 1;
}

/** Rows of a table, in the given order. */
export function selectRows({ columns }: Table, rows: ArrayLike<number>): Table {
  return { rowCount: rows.length, columns: columns.map((column) => withValues(column, rows)) };
}

function withValues(column: TableColumn, rows: ArrayLike<number>): TableColumn {
  return column.kind === 'number'
    ? { ...column, values: Float64Array.from(rows, (row) => column.values[row]!) }
    : { ...column, values: Array.from(rows, (row) => column.values[row]!) };
}

/** Table with the named columns, in its own order. */
export function selectColumns({ rowCount, columns }: Table, names: readonly string[]): Table {
  return { rowCount, columns: columns.filter(({ name }) => names.includes(name)) };
}

/** Values of a target in the given rows. */
export function selectTarget(target: Target, rows: ArrayLike<number>): Target {
  return { ...target, values: Float64Array.from(rows, (row) => target.values[row]!) };
}

/** Table whose named columns have their values from other rows: row `order[i]` gives them to row i. */
export function permuteColumns(table: Table, names: readonly string[], order: ArrayLike<number>): Table {
  const columns = table.columns.map((column) => (names.includes(column.name) ? withValues(column, order) : column));
  return { ...table, columns };
}
