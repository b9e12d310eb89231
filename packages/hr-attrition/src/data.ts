import { fileURLToPath } from 'node:url';
import type { StateDict } from '@motley/core';
import { UserError } from '@motley/run';
import type { HrAttritionConfig } from './config.ts';
import { divide, stratifiedFolds } from './folds.ts';
import { readDescription } from './predictor.ts';
import { inferColumns, parseTable, parseTarget, withClasses } from './table/columns.ts';
import { selectRows, selectTarget, type Table, type Target } from './table/table.ts';
import { readTextTable } from './table/text-table.ts';

/** Rows with their targets. */
export interface LabeledTable {
  readonly table: Table;
  readonly target: Target;
}

export interface HrAttritionData extends LabeledTable {
  /** Absolute path of the file. */
  readonly path: string;
  /** Columns that are left out, a line each. */
  readonly notes: readonly string[];
}

/** The table that comes with this package. */
const HR_FILE = fileURLToPath(new URL('../data/hr-attrition.csv', import.meta.url));

/**
 * Reads a table: this package's, or any other CSV file.
 * @param weights of a checkpoint, whose columns and classes hold for other data too
 * @throws UserError naming the file, row and column, what was expected and what was found
 */
export async function loadData(
  { data }: HrAttritionConfig,
  path = HR_FILE,
  weights?: StateDict,
): Promise<HrAttritionData> {
  const texts = await readTextTable(path);
  if (weights === undefined) {
    const { schema, notes } = inferColumns(texts, data);
    return { path, notes, table: parseTable(texts, schema), target: parseTarget(texts, data) };
  }
  const { columns, target } = await readDescription(weights);
  const known = withClasses(texts, target.name, target.task, target.classes);
  return { path, notes: [], table: parseTable(texts, columns), target: known };
}

/** Rows of a table with their targets. */
export function selectLabeled({ table, target }: LabeledTable, rows: ArrayLike<number>): LabeledTable {
  return { table: selectRows(table, rows), target: selectTarget(target, rows) };
}

/**
 * Training and test rows of the final model.
 * @throws UserError where the test fold does not exist
 */
export function splitData(
  data: LabeledTable,
  { folds, testFold, seed }: HrAttritionConfig['data'],
): { readonly training: LabeledTable; readonly test: LabeledTable } {
  if (testFold >= folds) throw new UserError(`data.testFold: expected a fold below ${folds}, got ${testFold}`);
  const { training, test } = divide(stratifiedFolds(data.target, folds, seed), testFold);
  return { training: selectLabeled(data, training), test: selectLabeled(data, test) };
}
