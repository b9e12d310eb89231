import { RandomStream } from '@motley/core';
import { config } from '../config.ts';
import type { SeriesData } from '../data.ts';
import type { Series } from '../series/series.ts';
import { splitByTime } from '../series/split.ts';
import { settled, type ForecastSettings } from '../settings.ts';

/** A noisy wave of 12 steps, with one covariate known ahead and one that is not. */
export function waves(length: number, seed: number): Series {
  const random = RandomStream.fromSeed(seed);
  const noise = random.normalValues(length, 0, 0.3);
  const plan = Float64Array.from(random.normalValues(length));
  const target = Float64Array.from(
    { length },
    (_, step) => 20 + 5 * Math.sin((2 * Math.PI * step) / 12) + plan[step]! + noise[step]!,
  );
  return {
    name: 'waves',
    frequency: { kind: 'seconds', step: 7200 },
    startTime: 0,
    length,
    target,
    covariates: { plan, echo: target.map((value, step) => value * (step % 2)) },
    knownAhead: ['plan'],
  };
}

/** A series as data, without features. */
export function dataOf(series: Series): SeriesData {
  const parts = splitByTime(series);
  return {
    series,
    settings: settled(config.resolve({}), series, parts),
    extendedBy: () => series,
    parts,
    firstCompleteStep: 0,
    seasons: [12],
    optimum: undefined,
  };
}

/** The waves as data. */
export function waveData(length: number, seed = 1): SeriesData {
  return dataOf(waves(length, seed));
}

/** Settings with some fields set, completed by the data. */
export function settingsOf(set: readonly string[], { series, parts }: SeriesData = waveData(100)): ForecastSettings {
  return settled(config.resolve({ set: [...set] }), series, parts);
}
