import type { Metrics } from '@motley/run';
import { fitBaselines } from './baselines/linear-baselines.ts';
import type { LabeledTable } from './data.ts';
import { calibrationError, reliabilityBins } from './evaluation/calibration.ts';
import { decide, thresholdOf, type Costs } from './evaluation/decision.ts';
import { figuresByGroup, type GroupFigures } from './evaluation/groups.ts';
import { metricsOf } from './metrics.ts';
import { predict } from './predict.ts';
import type { TablePredictor } from './predictor.ts';

/**
 * Metrics on rows that the predictor was not trained on, for two classes with the calibration error too. `loss` is the
 * log loss in nats, for a number the mean squared error.
 */
export async function evaluate(model: TablePredictor, rows: LabeledTable): Promise<Metrics> {
  const predictions = await predict(model, rows.table);
  const metrics = metricsOf(predictions, rows.target);
  if (rows.target.task !== 'binary') return metrics;
  return { ...metrics, calibrationError: calibrationError(reliabilityBins(predictions, rows.target.values)) };
}

/** Metrics of the baselines, fitted on the training rows and measured on the test rows. */
export function baselineMetrics(training: LabeledTable, test: LabeledTable): Record<string, Metrics> {
  const fitted = Object.entries(fitBaselines(training.table, training.target));
  return Object.fromEntries(
    fitted.map(([name, baseline]) => [name, metricsOf(baseline(test.table), test.target)] as const),
  );
}

/** Lines on decisions by a cost matrix, beside those that need no predictor. */
export function decisionLines(probabilities: Float64Array, labels: Float64Array, costs: Costs): string[] {
  const threshold = thresholdOf(costs);
  const own = decide(probabilities, labels, costs);
  const [everybody, nobody] = [0, Infinity].map((bound) => decide(probabilities, labels, costs, bound).cost);
  return [
    `act from a probability of ${threshold.toFixed(3)} (a miss costs ${costs.falseNegative}, a false alarm ${costs.falsePositive}): ` +
      `${own.truePositives} found, ${own.falseNegatives} missed, ${own.falsePositives} false alarms, ${own.trueNegatives} left alone`,
    `cost of a row ${own.cost.toFixed(4)}; by acting always ${everybody!.toFixed(4)}, never ${nobody!.toFixed(4)}`,
  ];
}

/** Lines with the figures of each group, with their 95 % intervals. */
export function groupLines(rows: LabeledTable, probabilities: Float64Array, columns: readonly string[]): string[] {
  return columns.flatMap((name) => {
    const column = rows.table.columns.find((each) => each.name === name);
    if (column === undefined) return [];
    return [`${name}:`, ...figuresByGroup(column, probabilities, rows.target.values).map(groupLine)];
  });
}

function groupLine(group: GroupFigures): string {
  const span = ([low, high]: readonly [number, number]): string => `(${low.toFixed(3)} to ${high.toFixed(3)})`;
  return [
    `  ${group.name}, ${group.rows} rows`,
    `positive ${group.observed.toFixed(3)} ${span(group.observedInterval)}`,
    `predicted ${group.predicted.toFixed(3)}`,
    `AUC ${group.areaUnderCurve.toFixed(3)} ${span(group.areaInterval)}`,
    `Brier ${group.brier.toFixed(3)} ${span(group.brierInterval)}`,
  ].join(', ');
}
