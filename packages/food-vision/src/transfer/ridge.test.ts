import { RandomStream } from '@motley/core';
import { describe, expect, it } from 'vitest';
import { evaluateHead } from '../evaluate.ts';
import { fitRidge } from './ridge.ts';

/** Features of `count` examples around a center for each of three classes. */
function clusters(count: number, width: number) {
  const random = RandomStream.fromSeed(3);
  const labels = Int32Array.from({ length: count }, (_, row) => row % 3);
  const centers = random.normalValues(3 * width);
  const noise = random.normalValues(count * width, 0, 1.5);
  const values = noise.map((value, at) => value + centers[labels[Math.floor(at / width)]! * width + (at % width)]!);
  return { rows: { values, width }, labels };
}

/** Scores by a regression with this penalty on all rows but one, by gradient descent. */
function bruteForce(rows: readonly number[][], targets: readonly number[], query: readonly number[], penalty: number) {
  const width = query.length;
  const weight = new Float64Array(width);
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  let bias = mean;
  for (let step = 0; step < 20_000; step++) {
    const gradient = weight.map((value) => penalty * value);
    let shift = 0;
    for (const [row, features] of rows.entries()) {
      const error = features.reduce((sum, feature, at) => sum + feature * weight[at]!, bias) - targets[row]!;
      shift += error;
      for (let at = 0; at < width; at++) gradient[at]! += error * features[at]!;
    }
    for (let at = 0; at < width; at++) weight[at]! -= 0.01 * gradient[at]!;
    bias -= (0.5 * shift) / rows.length;
  }
  return query.reduce((sum, feature, at) => sum + feature * weight[at]!, bias);
}

describe('fitRidge', () => {
  it.each([
    ['more rows than features', 30, 4],
    ['more features than rows', 12, 20],
  ])('finds the regression of its penalty, with %s', (_, count, width) => {
    const { rows, labels } = clusters(count, width);
    const { weight, bias, penalty, temperature } = fitRidge(rows, labels, 3);
    // At the minimum, the gradient of the penalized squared error is zero.
    const means = Array.from({ length: width }, (__, at) => mean(column(rows.values, width, at)));
    for (let label = 0; label < 3; label++) {
      const residuals = Array.from(labels, (each, row) => {
        let score = bias[label]!;
        for (let at = 0; at < width; at++) score += weight[label * width + at]! * rows.values[row * width + at]!;
        return score / temperature - Number(each === label);
      });
      expect(Math.abs(mean(residuals))).toBeLessThan(1e-5);
      for (let at = 0; at < width; at++) {
        const values = column(rows.values, width, at);
        const deviation = Math.sqrt(mean(values.map((value) => (value - means[at]!) ** 2)));
        const pull = residuals.reduce((sum, each, row) => sum + (each * (values[row]! - means[at]!)) / deviation, 0);
        const own = (penalty * weight[label * width + at]! * deviation) / temperature;
        expect(Math.abs(pull + own)).toBeLessThan(1e-4);
      }
    }
  });

  it('leaves rows out as fitting without them does', () => {
    const { rows, labels } = clusters(9, 2);
    const { penalty, leftOutAccuracy } = fitRidge(rows, labels, 3);
    const standardized = Array.from(labels, (_, row) =>
      [0, 1].map((at) => {
        const values = column(rows.values, 2, at);
        const center = mean(values);
        return (values[row]! - center) / Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
      }),
    );
    let hits = 0;
    for (const [out, label] of labels.entries()) {
      const others = standardized.filter((_, row) => row !== out);
      const scores = [0, 1, 2].map((each) => {
        const targets = Array.from(labels).flatMap((own, row) => (row === out ? [] : [Number(own === each)]));
        return bruteForce(others, targets, standardized[out]!, penalty);
      });
      hits += Number(scores.indexOf(Math.max(scores[0]!, scores[1]!, scores[2]!)) === label);
    }
    expect(leftOutAccuracy).toBeCloseTo(hits / 9, 9);
  });

  it('gives logits that fit rows it has not seen better than a guess', () => {
    const { rows, labels } = clusters(90, 6);
    const { metrics } = evaluateHead(fitRidge(rows, labels, 3), rows, labels);
    expect(metrics.loss).toBeLessThan(Math.log(3));
    expect(metrics.accuracy).toBeGreaterThan(0.7);
    expect(metrics.accuracyLow).toBeLessThan(metrics.accuracy!);
  });
});

function column(values: Float32Array, width: number, at: number): number[] {
  return Array.from({ length: values.length / width }, (_, row) => values[row * width + at]!);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
