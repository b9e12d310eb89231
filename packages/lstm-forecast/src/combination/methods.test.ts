import { RandomStream } from '@motley/core';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { AffineMap } from '../baselines/affine.ts';
import { differencesMap } from './differences.ts';
import { smoothingMap } from './exponential-smoothing.ts';
import { linearMethods } from './methods.ts';

const random = RandomStream.fromSeed(3);
const walk = (length: number): Float64Array => {
  let value = 50;
  return Float64Array.from(random.fork(length).normalValues(length), (change) => (value += change));
};

function applied({ weights, bias }: AffineMap, values: Float64Array): number[] {
  const past = Matrix.columnVector(values.subarray(values.length - weights.columns));
  return weights
    .mmul(past)
    .to1DArray()
    .map((value, step) => value + bias[step]!);
}

describe('exponential smoothing', () => {
  it.each([
    [1, 0, 0, 1],
    [1, 0.2, 0, 0.9],
    [4, 0.1, 0.3, 0.95],
    [4, 0, 0.3, 1],
  ])('with a season of %i, β %d, γ %d and φ %d follows its equations', (m, beta, gamma, phi) => {
    const alpha = 0.3;
    const y = Array.from(walk(20));
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    // One value at a time, as the textbook has it.
    let b = beta === 0 ? 0 : m > 1 ? (mean(y.slice(m, 2 * m)) - mean(y.slice(0, m))) / m : (y[3]! - y[0]!) / 3;
    let l = mean(y.slice(0, m)) + ((m - 1) / 2) * b;
    const s = m > 1 ? y.slice(0, m).map((value) => value - mean(y.slice(0, m))) : [0];
    for (let t = m; t < y.length; t++) {
      const before = l;
      l = alpha * (y[t]! - s[t % m]!) + (1 - alpha) * (before + phi * b);
      b = beta === 0 ? 0 : beta * (l - before) + (1 - beta) * phi * b;
      if (m > 1) s[t % m] = gamma * (y[t]! - l) + (1 - gamma) * s[t % m]!;
    }
    const map = smoothingMap(20, 6, m, { level: alpha, trend: beta, season: gamma, damping: phi });
    const forecast = applied(map, Float64Array.from(y));
    let damped = 0;
    for (let h = 0; h < 6; h++) {
      damped += phi ** (h + 1);
      expect(forecast[h]).toBeCloseTo(l + damped * b + s[(y.length + h) % m]!, 10);
    }
  });
});

describe('an autoregression of differences', () => {
  it.each([
    [0, true],
    [5, false],
    [5, true],
  ])(
    'of a season of %i, of neighbors too: %s, forecasts as differencing, regressing and adding up do',
    (season, neighbors) => {
      const values = walk(120);
      const options = { horizon: 8, terms: 1, season, neighbors, strength: 0 };
      const forecast = applied(differencesMap(values, options)!, values);
      const difference = (series: readonly number[], lag: number): number[] =>
        series.slice(lag).map((value, step) => value - series[step]!);
      const first = season > 0 ? difference(Array.from(values), season) : Array.from(values);
      const z = neighbors ? difference(first, 1) : first;
      // Simple regression of z[t] on z[t - 1].
      const [x, y] = [z.slice(0, -1), z.slice(1)];
      const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
      const slope =
        x.reduce((sum, value, at) => sum + (value - mean(x)) * (y[at]! - mean(y)), 0) /
        x.reduce((sum, value) => sum + (value - mean(x)) ** 2, 0);
      const intercept = mean(y) - slope * mean(x);
      const levels = Array.from(values);
      const seasonal = [...first];
      let last = z.at(-1)!;
      for (let step = 0; step < 8; step++) {
        last = intercept + slope * last;
        seasonal.push(neighbors ? seasonal.at(-1)! + last : last);
        levels.push(season > 0 ? levels[levels.length - season]! + seasonal.at(-1)! : seasonal.at(-1)!);
        expect(forecast[step]).toBeCloseTo(levels.at(-1)!, 8);
      }
    },
  );

  it('has none where values are too few', () => {
    expect(differencesMap(walk(12), { horizon: 2, terms: 4, season: 0, neighbors: true, strength: 0 })).toBeUndefined();
  });
});

describe('linear methods', () => {
  const methods = (values: Float64Array, seasons: number[]) =>
    Array.from(linearMethods(values, { horizon: 6, seasons, longestWindow: 100, smoothingMaps: new Map() }));

  it('with a drift go on along a line', () => {
    const line = Float64Array.from({ length: 60 }, (_, step) => 3 + 2 * step);
    const forecast = (family: string): number[] =>
      applied(methods(line, [4]).find((method) => method.family === family)!.map, line);
    [0, 5].forEach((step) => {
      expect(forecast('persistence with drift')[step]).toBeCloseTo(line.at(-1)! + 2 * (step + 1), 9);
      expect(forecast('seasonal naive (4) with drift')[step]).toBeCloseTo(line.at(-1)! + 2 * (step + 1), 9);
      expect(forecast('persistence')[step]).toBe(line.at(-1));
    });
  });

  it('need no more values than they read, and take seasons that the values hold twice', () => {
    const few = methods(walk(20), [12]);
    expect(few.every(({ map }) => map.weights.columns <= 20)).toBe(true);
    expect(few.some(({ family }) => family.startsWith('seasonal'))).toBe(false);
    expect(methods(walk(60), [12]).some(({ family }) => family === 'seasonal naive (12)')).toBe(true);
  });
});
