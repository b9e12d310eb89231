import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { persistence, seasonalNaive } from '../baselines/index.ts';
import { forecastErrors } from '../series/errors.ts';
import type { Series } from '../series/series.ts';
import { forecastStarts, splitByTime } from '../series/split.ts';
import { fitCombination } from './fit-combination.ts';
import { LinearPath } from './linear-path.ts';

const noise = RandomStream.fromSeed(8).normalValues(400);
const seriesOf = (valueAt: (step: number) => number, length: number): Series => ({
  name: 'drawn',
  frequency: { kind: 'months', step: 1 },
  startTime: 0,
  length,
  target: Float64Array.from({ length }, (_, step) => valueAt(step)),
  covariates: {},
  knownAhead: [],
});
/** Grows by 1 % a month, with a season in proportion to its level. */
const growing = seriesOf(
  (step) => 100 * 1.01 ** step * (1 + 0.2 * Math.sin((Math.PI * step) / 6) + 0.01 * noise[step]!),
  180,
);
const HORIZON = 12;

const errorOf = (series: Series, forecaster: Parameters<typeof forecastErrors>[0]): number => {
  const starts = forecastStarts(splitByTime(series).test, { horizon: HORIZON }, series);
  return forecastErrors(forecaster, series, starts, HORIZON).rootMeanSquaredError;
};

describe('a combination of linear methods', () => {
  it('goes on beyond all values of the training part, mostly on logarithms', () => {
    const { combination, shares } = fitCombination(growing, splitByTime(growing), { horizon: HORIZON, seasons: [12] });
    expect(errorOf(growing, combination)).toBeLessThan(0.25 * errorOf(growing, seasonalNaive(12)));
    const logarithms = shares.filter(({ space }) => space.scale === 'logarithm');
    expect(logarithms.reduce((sum, { share }) => sum + share, 0)).toBeGreaterThan(0.8);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('stays near persistence on random walks', () => {
    const ratios = Array.from({ length: 5 }, (_, seed) => {
      let value = 0;
      const steps = RandomStream.fromSeed(seed).normalValues(300);
      const walk = seriesOf((step) => (value += steps[step]!), 300);
      const { combination } = fitCombination(walk, splitByTime(walk), { horizon: HORIZON, seasons: [12] });
      return errorOf(walk, combination) / errorOf(walk, persistence());
    });
    const logarithms = ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0);
    expect(Math.exp(logarithms / ratios.length)).toBeLessThan(1.03);
  });

  it('does not depend on the test part', () => {
    const parts = splitByTime(growing);
    const changed = { ...growing, target: growing.target.map((each, step) => (step < parts.test.from ? each : 1e6)) };
    const fit = (series: Series) => fitCombination(series, parts, { horizon: HORIZON, seasons: [12] });
    const [known, other] = [fit(growing), fit(changed)];
    expect(other.shares).toEqual(known.shares);
    expect(other.combination.forecast(changed, parts.test.from, HORIZON)).toEqual(
      known.combination.forecast(growing, parts.test.from, HORIZON),
    );
  });

  it('forecasts a window without logarithms by the methods on the values', () => {
    const { combination } = fitCombination(growing, splitByTime(growing), { horizon: HORIZON, seasons: [12] });
    const target = Float64Array.from(growing.target);
    target[179] = -1;
    expect(combination.forecast({ ...growing, target }, 180, HORIZON).every(Number.isFinite)).toBe(true);
  });

  it('names what is missing where a series is too short', () => {
    const short = seriesOf((step) => step, 20);
    expect(() => fitCombination(short, splitByTime(short), { horizon: 1, seasons: [] })).toThrow(UserError);
  });
});

describe('a linear path', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('keeps a small signal on a large level through a checkpoint, and leaks no tensors', async () => {
    const level = 1e9;
    const small = seriesOf((step) => level + Math.sin((Math.PI * step) / 6) + 0.1 * noise[step]!, 180);
    const { combination } = fitCombination(small, splitByTime(small), { horizon: HORIZON, seasons: [12] });
    const before = tf.memory().numTensors;
    const path = LinearPath.of(combination, small);
    const weights = Object.fromEntries(
      Object.entries(path.stateDict()).map(([name, value]) => [`path.${name}`, value]),
    );
    const shape = LinearPath.shapeIn(weights)!;
    expect(shape).toEqual({
      horizon: HORIZON,
      waves: combination.known.size,
      windows: combination.members.map(({ map }) => map.weights.columns),
    });
    const loaded = new LinearPath(shape);
    const own = path.stateDict();
    loaded.loadStateDict(own);
    const { from } = await loaded.on(small);
    const [exact, restored] = [combination.forecast(small, 160, HORIZON), from(160)];
    exact.forEach((value, step) => {
      expect(Math.abs(value - restored[step]!)).toBeLessThan(1e-4);
    });
    tf.dispose([weights, own]);
    path.dispose();
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
