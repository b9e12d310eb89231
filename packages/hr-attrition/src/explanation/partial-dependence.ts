import { quantile } from '../table/encoder.ts';
import { selectRows, type Table, type TableColumn } from '../table/table.ts';
import type { PredictRows } from './permutation.ts';

/** Predictions against the values of one column. */
export interface PartialDependence {
  readonly column: string;
  /** [G]: numbers, or the places of the categories. */
  readonly grid: readonly number[];
  /** [G]: names of the values. */
  readonly labels: readonly string[];
  /** [G]: mean prediction where all rows have the value (Friedman, 2001). */
  readonly mean: readonly number[];
  /** [N][G]: prediction of each row where it has the value (Goldstein et al., 2015). */
  readonly individual: readonly (readonly number[])[];
}

const GRID_POINTS = 21;
/** Outliers at each end that the grid does not reach. */
const TAIL = 0.02;

/**
 * Partial dependence and individual conditional expectation of a column.
 * @param output of the predictor to show
 */
export async function partialDependence(
  predictRows: PredictRows,
  table: Table,
  name: string,
  output = 0,
): Promise<PartialDependence> {
  const column = table.columns.find((each) => each.name === name)!;
  const { grid, labels, withValue } = gridOf(column);
  const individual = Array.from({ length: table.rowCount }, (): number[] => []);
  const mean: number[] = [];
  for (const place of grid.keys()) {
    const changed = table.columns.map((each) => (each === column ? withValue(place) : each));
    const predictions = await predictRows({ ...table, columns: changed });
    const outputs = predictions.length / table.rowCount;
    for (const [row, curve] of individual.entries()) curve.push(predictions[row * outputs + output]!);
    mean.push(individual.reduce((sum, curve) => sum + curve[place]!, 0) / table.rowCount);
  }
  return { column: name, grid, labels, mean, individual };
}

function gridOf(column: TableColumn) {
  if (column.kind === 'category') {
    const labels = [...new Set(column.values)].filter((value) => value !== '').sort();
    const withValue = (place: number): TableColumn => ({ ...column, values: column.values.map(() => labels[place]!) });
    return { grid: [...labels.keys()], labels, withValue };
  }
  const sorted = column.values.filter((value) => !Number.isNaN(value)).sort();
  const distinct = [...new Set(sorted)];
  const levels = Array.from({ length: GRID_POINTS }, (_, index) => TAIL + (index / (GRID_POINTS - 1)) * (1 - 2 * TAIL));
  const grid = distinct.length <= GRID_POINTS ? distinct : [...new Set(levels.map((level) => quantile(sorted, level)))];
  const labels = grid.map((value) => column.levels?.[value - 1] ?? String(value));
  const withValue = (place: number): TableColumn => ({ ...column, values: column.values.map(() => grid[place]!) });
  return { grid, labels, withValue };
}

/** Rows spread over a table, for individual curves and backgrounds. */
export function sampleRows(table: Table, count: number): Table {
  if (table.rowCount <= count) return table;
  return selectRows(
    table,
    Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * table.rowCount) / count)),
  );
}
