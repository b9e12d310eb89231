import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { loadData, type SeriesData } from './data.ts';

const load = (set: readonly string[], options = {}, preset?: string) =>
  loadData(config.resolve({ preset, set: [...set] }), options) as Promise<SeriesData>;

describe('data', () => {
  it('of the grid: structural imbalance and clock are known ahead, regulation is not', async () => {
    const { series, seasons, optimum, parts } = await load(['data.length=6000', 'features.lags=288']);
    expect(Object.keys(series.covariates)).toEqual([
      'structural',
      'sys_reg',
      'day_sine',
      'day_cosine',
      'week_sine',
      'week_cosine',
      'lag_288',
    ]);
    expect(series.knownAhead).not.toContain('sys_reg');
    expect(series.covariates.lag_288![1000]).toBe(series.target[712]);
    expect(seasons).toEqual([288]);
    expect(optimum).toBeDefined();
    expect(parts.test).toEqual({ from: 5100, to: 6000 });
  });

  it('altered, has its structural part taken away', async () => {
    const [plain, altered] = [await load(['data.length=2000']), await load(['data.length=2000', 'data.altered=true'])];
    const { structural } = plain.series.covariates;
    expect(altered.series.covariates.structural).toBeUndefined();
    for (const step of [0, 700, 1999])
      expect(altered.series.target[step]).toBeCloseTo(plain.series.target[step]! - structural![step]!, 9);
  });

  it('of stocks: five inputs', async () => {
    const { series, seasons } = await load([], {}, 'stock');
    expect(series.length).toBe(755);
    expect(Object.keys(series.covariates)).toEqual(['lag_2', 'lag_3', 'lag_4', 'lag_5']);
    expect(seasons).toEqual([5]);
  });

  it('go on beyond the end where nothing has to be known ahead', async () => {
    const { series } = await load(['data.length=2000'], { beyond: 24 }, 'autoregressive');
    expect(series.length).toBe(2024);
    await expect(load(['data.length=2000'], { beyond: 24 })).rejects.toThrow(
      'structural must be known ahead, got its end',
    );
  });

  it.each([
    [['features.lags=3'], 'features: expected lags and a season of at least the 24 steps of the horizon'],
    [['data.covariates=hydro,hidro'], 'data.covariates: expected columns of power grid'],
    [['data.problem=csv', 'data.target=y', 'data.time=t'], 'expected --data FILE'],
  ])('%j is one line', async (set, line) => {
    await expect(load(['data.length=2000', ...set])).rejects.toThrow(line);
  });
});
