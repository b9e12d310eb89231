import { selectRows, type Table, type TableColumn } from '../table/table.ts';
import type { PredictRows } from './permutation.ts';
import { shapleyValues } from './shapley.ts';

/** Contributions to the prediction of one row. */
export interface RowExplanation {
  /** Mean prediction of the background. */
  readonly base: number;
  readonly prediction: number;
  /** Contribution of each group of columns; they sum to prediction − base. */
  readonly contributions: readonly number[];
}

/** Rows that are predicted at once. */
const MOST_ROWS = 100_000;

/**
 * Exact Shapley values of groups of columns for one row. A coalition's value is the mean prediction of the background
 * rows with the coalition's columns taken from the row ("interventional"): as shap's `Exact` explainer with an
 * `Independent` masker.
 * @param row a table of one row
 * @param output of the predictor to explain
 */
export async function explainRow(
  predictRows: PredictRows,
  row: Table,
  background: Table,
  groups: readonly (readonly string[])[],
  output = 0,
): Promise<RowExplanation> {
  const coalitions = 2 ** groups.length;
  const values = new Float64Array(coalitions);
  const atOnce = Math.max(1, Math.floor(MOST_ROWS / background.rowCount));
  for (let first = 0; first < coalitions; first += atOnce) {
    const count = Math.min(atOnce, coalitions - first);
    const masks = Array.from({ length: count }, (_, index) => first + index);
    const predictions = await predictRows(composed(row, background, groups, masks));
    const outputs = predictions.length / (count * background.rowCount);
    for (let index = 0; index < predictions.length; index += outputs)
      values[first + Math.floor(index / outputs / background.rowCount)]! +=
        predictions[index + output]! / background.rowCount;
  }
  return { base: values[0]!, prediction: values.at(-1)!, contributions: [...shapleyValues(values)] };
}

/** Background rows for each coalition, with the coalition's columns of the row. */
function composed(
  row: Table,
  background: Table,
  groups: readonly (readonly string[])[],
  masks: readonly number[],
): Table {
  const repeated = selectRows(
    background,
    masks.flatMap(() => Array.from({ length: background.rowCount }, (_, index) => index)),
  );
  const columns = repeated.columns.map((column, place): TableColumn => {
    const group = groups.findIndex((names) => names.includes(column.name));
    const isFromRow = (index: number): boolean =>
      group >= 0 && (masks[Math.floor(index / background.rowCount)]! & (1 << group)) !== 0;
    const own = row.columns[place]!;
    if (column.kind === 'number')
      return {
        ...column,
        values: column.values.map((value, index) => (isFromRow(index) ? Number(own.values[0]) : value)),
      };
    return {
      ...column,
      values: column.values.map((value, index) => (isFromRow(index) ? String(own.values[0]) : value)),
    };
  });
  return { ...repeated, columns };
}
