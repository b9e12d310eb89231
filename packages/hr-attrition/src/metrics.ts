import type { Target } from './table/table.ts';

const FLOOR = 1e-15;

/**
 * Area under the ROC curve: the probability that a random positive row has a higher score than a random negative one,
 * ties counting half. NaN where a class is missing.
 */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
  let [rankSum, positives] = [0, 0];
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && scores[order[end]!] === scores[order[first]!]) end++;
    for (let place = first; place < end; place++)
      if (labels[order[place]!] === 1) {
        rankSum += (first + 1 + end) / 2;
        positives++;
      }
    first = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
}

/** Average precision Σ (R_n − R_(n−1)) P_n over the thresholds, as scikit-learn's `average_precision_score`. */
function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, row) => row).sort((a, b) => scores[b]! - scores[a]!);
  const total = order.reduce((sum, row) => sum + labels[row]!, 0);
  let [hits, area] = [0, 0];
  for (let first = 0; first < order.length;) {
    let end = first;
    let found = 0;
    while (end < order.length && scores[order[end]!] === scores[order[first]!]) found += labels[order[end++]!]!;
    hits += found;
    area += (found / total) * (hits / end);
    first = end;
  }
  return area;
}

/**
 * Metrics of predictions; `loss` comes first: log loss in nats, for a number the mean squared error.
 * @param predictions [N, O]
 */
export function metricsOf(
  predictions: ArrayLike<number>,
  { task, classes, values }: Pick<Target, 'task' | 'classes' | 'values'>,
): Record<string, number> {
  if (task === 'number') return numberMetrics(predictions, values);
  return task === 'binary' ? binaryMetrics(predictions, values) : classMetrics(predictions, values, classes.length);
}

function meanOf(count: number, value: (row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < count; row++) sum += value(row);
  return sum / count;
}

function binaryMetrics(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Record<string, number> {
  const count = labels.length;
  const ofTruth = (row: number): number => (labels[row] === 1 ? probabilities[row]! : 1 - probabilities[row]!);
  return {
    loss: meanOf(count, (row) => -Math.log(Math.max(FLOOR, ofTruth(row)))),
    areaUnderCurve: areaUnderCurve(probabilities, labels),
    averagePrecision: averagePrecision(probabilities, labels),
    brier: meanOf(count, (row) => (probabilities[row]! - labels[row]!) ** 2),
    accuracy: meanOf(count, (row) => Number(probabilities[row]! > 0.5 === (labels[row] === 1))),
  };
}

function classMetrics(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): Record<string, number> {
  const count = labels.length;
  const at = (row: number, index: number): number => probabilities[row * classes + index]!;
  const indices = Array.from({ length: classes }, (_, index) => index);
  const likeliest = (row: number): number =>
    indices.reduce((best, index) => (at(row, index) > at(row, best) ? index : best));
  return {
    loss: meanOf(count, (row) => -Math.log(Math.max(FLOOR, at(row, labels[row]!)))),
    brier: meanOf(count, (row) =>
      indices.reduce((sum, index) => sum + (at(row, index) - Number(labels[row] === index)) ** 2, 0),
    ),
    accuracy: meanOf(count, (row) => Number(likeliest(row) === labels[row])),
  };
}

function numberMetrics(predictions: ArrayLike<number>, values: ArrayLike<number>): Record<string, number> {
  const count = values.length;
  const mean = meanOf(count, (row) => values[row]!);
  const loss = meanOf(count, (row) => (predictions[row]! - values[row]!) ** 2);
  return {
    loss,
    rmse: Math.sqrt(loss),
    mae: meanOf(count, (row) => Math.abs(predictions[row]! - values[row]!)),
    r2: 1 - loss / meanOf(count, (row) => (values[row]! - mean) ** 2),
  };
}
