import { RandomStream } from '@motley/core';
import { AutoregressiveProcess } from '@motley/core/generators';
import { UserError } from '@motley/run';
import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { forecastErrors } from '../series/errors.ts';
import type { Series } from '../series/series.ts';
import { forecastStarts, splitByTime } from '../series/split.ts';
import { meanSquaredError, ridgeMap } from './affine.ts';
import { directRidge, nlinear, recursiveRidge } from './index.ts';
import { differencesFrom, windowMoments } from './window-moments.ts';

const random = RandomStream.fromSeed(5);

function seriesOf(target: Float64Array): Series {
  return {
    name: 'drawn',
    frequency: { kind: 'seconds', step: 60 },
    startTime: 0,
    length: target.length,
    target,
    covariates: {},
    knownAhead: [],
  };
}

/** All windows as rows, the slow way. */
function windowsOf(values: Float64Array, size: number): number[][] {
  return Array.from({ length: values.length - size + 1 }, (_, first) => Array.from(values.slice(first, first + size)));
}

describe('windowMoments', () => {
  const values = random.fork('moments').normalValues(60, 1000, 3);
  const span = { from: 7, to: 52 };

  it('equals means and covariances over all windows', () => {
    const windows = windowsOf(Float64Array.from(values).slice(span.from, span.to), 6);
    const { count, means, covariance } = windowMoments(Float64Array.from(values), span, 6);
    expect(count).toBe(windows.length);
    for (let i = 0; i < 6; i++) {
      const mean = (place: number): number => windows.reduce((sum, row) => sum + row[place]!, 0) / count;
      expect(means[i]).toBeCloseTo(mean(i), 9);
      for (let j = 0; j < 6; j++) {
        const product = windows.reduce((sum, row) => sum + (row[i]! - mean(i)) * (row[j]! - mean(j)), 0) / count;
        expect(covariance.get(i, j)).toBeCloseTo(product, 9);
      }
    }
  });

  it('equals moments of differences from one value', () => {
    const { means, covariance } = differencesFrom(windowMoments(Float64Array.from(values), span, 4), 2);
    const rows = windowsOf(Float64Array.from(values).slice(span.from, span.to), 4).map((row) =>
      [0, 1, 3].map((place) => row[place]! - row[2]!),
    );
    for (const [i, mean] of new Matrix(rows).mean('column').entries()) {
      expect(means[i]).toBeCloseTo(mean, 9);
      for (let j = 0; j < 3; j++) {
        const product = rows.reduce((sum, row) => sum + (row[i]! - means[i]!) * (row[j]! - means[j]!), 0);
        expect(covariance.get(i, j)).toBeCloseTo(product / rows.length, 9);
      }
    }
  });
});

describe('ridge', () => {
  const values = Float64Array.from(random.fork('ridge').normalValues(90, 5, 2));
  const windows = windowsOf(values, 7);

  it('solves the normal equations with an unpenalized intercept', () => {
    const map = ridgeMap(windowMoments(values, { from: 0, to: 90 }, 7), 4, 0.1);
    // Brute force: centered columns, λ = 0.1 of their mean variance times the number of rows.
    const [inputs, targets] = [windows.map((row) => row.slice(0, 4)), windows.map((row) => row.slice(4))];
    const center = (rows: number[][]) => new Matrix(rows).subRowVector(new Matrix(rows).mean('column'));
    const [x, y] = [center(inputs), center(targets)];
    const products = x.transpose().mmul(x);
    const penalty = (0.1 * products.trace()) / 4;
    const weights = solve(products.add(Matrix.eye(4).mul(penalty)), x.transpose().mmul(y)).transpose();
    for (let step = 0; step < 3; step++)
      for (let lag = 0; lag < 4; lag++) expect(map.weights.get(step, lag)).toBeCloseTo(weights.get(step, lag), 10);
    const squares = windows.map((row) => {
      const forecast = map.weights.mmul(Matrix.columnVector(row.slice(0, 4))).to1DArray();
      return forecast.reduce((sum, value, step) => sum + (value + map.bias[step]! - row[4 + step]!) ** 2, 0) / 3;
    });
    const error = squares.reduce((sum, value) => sum + value, 0) / squares.length;
    expect(meanSquaredError(map, windowMoments(values, { from: 0, to: 90 }, 7))).toBeCloseTo(error, 10);
  });

  it('fits a constant series', () => {
    const series = seriesOf(new Float64Array(100).fill(7));
    const options = { horizon: 3, window: 4 };
    for (const fit of [directRidge, recursiveRidge, nlinear])
      for (const value of fit(series, splitByTime(series), options).forecast(series, 90, 3))
        expect(value).toBeCloseTo(7, 9);
  });

  it('feeds its own forecasts back', () => {
    const series = seriesOf(Float64Array.from(random.fork('recursive').normalValues(400)));
    const parts = splitByTime(series);
    const oneStep = recursiveRidge(series, parts, { horizon: 1, window: 5 });
    const several = recursiveRidge(series, parts, { horizon: 4, window: 5 });
    const fedBack = seriesOf(series.target.slice());
    const expected: number[] = [];
    for (let step = 0; step < 4; step++) {
      const next = oneStep.forecast(fedBack, 300 + step, 1)[0]!;
      expected.push(next);
      fedBack.target[300 + step] = next;
    }
    // The strength is chosen for four steps, not for one: with the same it is the same map.
    expect(several.strength).toBe(oneStep.strength);
    for (const [step, value] of several.forecast(series, 300, 4).entries())
      expect(value).toBeCloseTo(expected[step]!, 10);
  });
});

describe('linear forecasters of an autoregressive process', () => {
  const process = new AutoregressiveProcess([0.6, 0.3], 2);
  const series = seriesOf(process.draw(random.fork('process'), 40_000));
  const parts = splitByTime(series);
  const starts = forecastStarts(parts.test, { horizon: 8, window: 24 }, series);

  it.each([
    ['direct ridge', directRidge, 1.01],
    ['recursive ridge', recursiveRidge, 1.01],
    // Its weights sum to 1, so it cannot revert to the mean.
    ['NLinear', nlinear, 1.06],
  ])('%s is near the optimal error', (_, fit, factor) => {
    const errors = forecastErrors(fit(series, parts, { horizon: 8, window: 24 }), series, starts, 8);
    for (const ahead of [1, 4, 8]) {
      const ratio = errors.rootMeanSquaredErrors[ahead - 1]! / process.forecastError(ahead);
      // A sample's error is not the mean error, here by 1 %.
      expect(ratio).toBeGreaterThan(0.98);
      expect(ratio).toBeLessThan(factor + 0.01);
    }
  });

  it('refuse a series that is too short', () => {
    const short = seriesOf(process.draw(random.fork('short'), 60));
    expect(() => directRidge(short, splitByTime(short), { horizon: 24, window: 24 })).toThrow(UserError);
    expect(() => nlinear(short, splitByTime(short), { horizon: 24, window: 24 })).toThrow(
      'series drawn, steps 0 to 42: expected at least 48 steps for a window and what comes after it, got 42',
    );
  });

  it('refuse a start without a window, and a horizon longer than fitted', () => {
    const forecaster = directRidge(series, parts, { horizon: 3, window: 24 });
    expect(() => forecaster.forecast(series, 23, 3)).toThrow(
      'expected a start from 24 to 40000 in series drawn, got 23',
    );
    expect(() => forecaster.forecast(series, 24, 4)).toThrow('expected a horizon of at most 3 steps, as fitted, got 4');
  });
});

it('NLinear follows a constant shift of the series', () => {
  const noise = random.fork('level').normalValues(600);
  const series = seriesOf(Float64Array.from({ length: 600 }, (_, step) => Math.sin(step / 5) + 0.01 * noise[step]!));
  const parts = splitByTime(series);
  const lifted = seriesOf(series.target.map((value) => value + 100));
  const forecaster = nlinear(series, parts, { horizon: 10, window: 40 });
  const difference = forecaster
    .forecast(lifted, 500, 10)
    .map((value, step) => value - forecaster.forecast(series, 500, 10)[step]!);
  for (const value of difference) expect(value).toBeCloseTo(100, 8);
});
