import { UserError } from '@motley/run';
import { NETWORK, type OutOfFold } from './cross-validation.ts';
import type { LabeledTable } from './data.ts';
import { calibrationError, crossFittedTemperature, fitTemperature, reliabilityBins } from './evaluation/calibration.ts';
import { groupColumns } from './explanation/column-groups.ts';
import { explainRow } from './explanation/explain-row.ts';
import { sampleRows } from './explanation/partial-dependence.ts';
import { metricsOf } from './metrics.ts';
import { predict } from './predict.ts';
import type { TablePredictor, TargetScale } from './predictor.ts';
import { selectRows } from './table/table.ts';

const BACKGROUND_ROWS = 50;
const ASSOCIATED = 0.5;

/** Lines of a CSV file with predictions [N, O]. */
export function predictionLines({ task, name, classes }: TargetScale, predictions: Float64Array): string[] {
  if (task === 'number')
    return [`row,${quoted(name)}`, ...Array.from(predictions, (value, row) => `${row + 1},${value}`)];
  const names = task === 'binary' ? classes.slice(1) : classes;
  const rows = Array.from({ length: predictions.length / names.length }, (_, row) => {
    const own = predictions.subarray(row * names.length, (row + 1) * names.length);
    return [row + 1, ...Array.from(own, (value) => value.toFixed(4))].join(',');
  });
  return [['row', ...names.map((each) => quoted(`${name}=${each}`))].join(','), ...rows];
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines on the calibration of out-of-fold probabilities, before and after temperature scaling. */
export function calibrationLines({ folds, predictions }: OutOfFold, labels: Float64Array): string[] {
  const raw = predictions[NETWORK]!;
  const scaled = crossFittedTemperature(raw, labels, folds);
  const target = { task: 'binary', classes: [], values: labels } as const;
  const described = (values: Float64Array): string =>
    `log loss ${metricsOf(values, target).loss!.toFixed(4)}, calibration error ${calibrationError(reliabilityBins(values, labels)).toFixed(4)}`;
  return [
    `out-of-fold: ${described(raw)}; with the temperature of the other folds: ${described(scaled)}`,
    `temperature of all out-of-fold predictions: ${fitTemperature(raw, labels).toFixed(3)}`,
  ];
}

/**
 * Lines that explain the prediction of a test row.
 * @throws UserError where the row does not exist
 */
export async function explain(
  model: TablePredictor,
  training: LabeledTable,
  test: LabeledTable,
  { row, players }: { readonly row: number; readonly players: number },
): Promise<string[]> {
  if (row >= test.table.rowCount)
    throw new UserError(`--row: expected a test row below ${test.table.rowCount}, got ${row}`);
  const groups = groupColumns(training.table, ASSOCIATED, players);
  const own = selectRows(test.table, [row]);
  const probabilities = await predict(model, own);
  const likeliest = probabilities.reduce((best, value, index) => (value > probabilities[best]! ? index : best), 0);
  const background = sampleRows(training.table, BACKGROUND_ROWS);
  const found = await explainRow((table) => predict(model, table), own, background, groups, likeliest);
  const order = Array.from(groups.keys()).sort(
    (left, right) => Math.abs(found.contributions[right]!) - Math.abs(found.contributions[left]!),
  );
  const valueOf = (name: string): string => {
    const column = own.columns.find((each) => each.name === name)!;
    const [value] = column.values;
    return column.kind === 'number' && column.levels !== undefined
      ? (column.levels[Number(value) - 1] ?? String(value))
      : String(value);
  };
  return [
    `${model.target.name} of test row ${row}: ${found.prediction.toFixed(4)}; mean of ${background.rowCount} training rows ${found.base.toFixed(4)}`,
    ...order.map((group) => {
      const values = groups[group]!.map((name) => `${name}=${valueOf(name)}`).join(', ');
      const contribution = found.contributions[group]!;
      return `${contribution >= 0 ? '+' : ''}${contribution.toFixed(4)}  ${values}`;
    }),
  ];
}
