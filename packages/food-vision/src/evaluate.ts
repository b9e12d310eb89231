import { wilsonInterval } from '@motley/run';
import type { LinearHead, Rows } from './transfer/ridge.ts';

/** Predictions for each picture. */
export interface Evaluation {
  readonly metrics: Readonly<Record<string, number>>;
  /** [N], true classes. */
  readonly labels: Int32Array;
  /** [N, V] */
  readonly probabilities: Float32Array;
  /** [N], the most probable class. */
  readonly predictions: Int32Array;
  /** [N], cross-entropy of each picture in nats. */
  readonly losses: Float32Array;
}

/** Classes among which the right one counts as found. */
const FEW = 5;

/**
 * Measures a linear head on features: cross-entropy in nats per picture, accuracy with Wilson's 95 % interval, and the
 * share of pictures whose class is among the five most probable.
 */
export function evaluateHead({ weight, bias }: LinearHead, { values, width }: Rows, labels: Int32Array): Evaluation {
  const classes = bias.length;
  const probabilities = new Float32Array(labels.length * classes);
  const predictions = new Int32Array(labels.length);
  const losses = new Float32Array(labels.length);
  let [hits, near] = [0, 0];
  for (const [place, label] of labels.entries()) {
    const row = values.subarray(place * width, (place + 1) * width);
    const logits = Array.from(bias, (offset, each) => {
      let logit = offset;
      for (let feature = 0; feature < width; feature++) logit += weight[each * width + feature]! * row[feature]!;
      return logit;
    });
    const most = logits.reduce((highest, logit) => Math.max(highest, logit), -Infinity);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    for (const [each, logit] of logits.entries()) probabilities[place * classes + each] = Math.exp(logit - most) / sum;
    losses[place] = Math.log(sum) + most - logits[label]!;
    const above = logits.filter((logit, each) => logit > logits[label]! || (logit === logits[label] && each < label));
    hits += Number(above.length === 0);
    near += Number(above.length < FEW);
    predictions[place] = logits.indexOf(most);
  }
  const metrics = {
    loss: losses.reduce((sum, loss) => sum + loss, 0) / labels.length,
    ...accuracyOf(hits, labels.length),
    ...(classes > FEW && { accuracyOfFive: near / labels.length }),
  };
  return { metrics, labels, probabilities, predictions, losses };
}

/** Accuracy with Wilson's 95 % interval. */
function accuracyOf(correct: number, pictures: number): Record<string, number> {
  const [accuracyLow, accuracyHigh] = wilsonInterval(correct, pictures);
  return { accuracy: correct / pictures, accuracyLow, accuracyHigh, errors: pictures - correct, pictures };
}

/** Accuracy of the most frequent class of the training pictures, the least of them where several are. */
export function majority(training: Int32Array, test: Int32Array, classes: number): Record<string, number> {
  const counts = Array.from({ length: classes }, (_, label) => training.filter((each) => each === label).length);
  const top = counts.indexOf(counts.reduce((most, count) => Math.max(most, count), 0));
  return accuracyOf(test.filter((label) => label === top).length, test.length);
}

/** Accuracy of the class of the nearest training picture, by the cosine of the features. */
export function nearestPicture(
  training: Rows,
  trainingLabels: Int32Array,
  test: Rows,
  labels: Int32Array,
): Record<string, number> {
  const neighbors = nearest(training, test, 1);
  return accuracyOf(
    labels.filter((label, place) => trainingLabels[neighbors[place]![0]!] === label).length,
    labels.length,
  );
}

/** Places of the `count` rows that are nearest to each query, by the cosine, nearest first. */
export function nearest(rows: Rows, queries: Rows, count: number): number[][] {
  const [candidates, wanted] = [unitRows(rows), unitRows(queries)];
  const { width } = rows;
  const total = rows.values.length / width;
  return Array.from({ length: queries.values.length / width }, (_, query) => {
    const cosines = Float64Array.from({ length: total }, (__, place) => {
      let sum = 0;
      for (let feature = 0; feature < width; feature++)
        sum += wanted[query * width + feature]! * candidates[place * width + feature]!;
      return sum;
    });
    return Array.from(cosines.keys())
      .sort((a, b) => cosines[b]! - cosines[a]!)
      .slice(0, count);
  });
}

/** The rows, each of length 1. */
function unitRows({ values, width }: Rows): Float32Array {
  const unit = Float32Array.from(values);
  for (let first = 0; first < unit.length; first += width) {
    let squares = 0;
    for (let at = first; at < first + width; at++) squares += unit[at]! ** 2;
    const length = Math.sqrt(squares) || 1;
    for (let at = first; at < first + width; at++) unit[at]! /= length;
  }
  return unit;
}
