import { meanAndDeviation, RandomNumbers, stateOfSeed } from '@motley/run';
import type { LabeledTable } from '../data.ts';
import { metricsOf } from '../metrics.ts';
import { permuteColumns, type Table } from '../table/table.ts';

/** Predictions [N, O] of rows. */
export type PredictRows = (table: Table) => Promise<Float64Array>;

/** How much worse predictions are without a group of columns. */
export interface Importance {
  readonly columns: readonly string[];
  /** Mean rise of the loss over the shuffles. */
  readonly rise: number;
  /** Deviation over the shuffles; NaN for one. */
  readonly deviation: number;
}

/**
 * Permutation importance (Breiman, 2001) of groups of columns, which are shuffled together: a column alone would seem
 * useless where another one says the same. Sorted from the most important one.
 * @param rows that the predictor was not trained on
 */
export async function permutationImportance(
  predictRows: PredictRows,
  { table, target }: LabeledTable,
  groups: readonly (readonly string[])[],
  { shuffles, seed }: { readonly shuffles: number; readonly seed: number },
): Promise<Importance[]> {
  const lossOf = async (rows: Table): Promise<number> => metricsOf(await predictRows(rows), target).loss!;
  const base = await lossOf(table);
  const random = new RandomNumbers(stateOfSeed(seed)).fork('importance');
  const result: Importance[] = [];
  for (const columns of groups) {
    const rises: number[] = [];
    for (let shuffle = 0; shuffle < shuffles; shuffle++)
      rises.push((await lossOf(permuteColumns(table, columns, random.permutation(table.rowCount)))) - base);
    const { mean, standardDeviation } = meanAndDeviation(rises);
    result.push({ columns, rise: mean, deviation: standardDeviation });
  }
  return result.sort((left, right) => right.rise - left.rise);
}
