import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { loadData } from './data.ts';

const load = (set: readonly string[], preset?: string) => loadData(config.resolve({ preset, set: [...set] }));

describe('data', () => {
  it('power grid: structural imbalance and calendar are known ahead, regulation is not', async () => {
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

  it('altered power grid: the structural imbalance is subtracted', async () => {
    const [plain, altered] = [await load(['data.length=2000']), await load(['data.length=2000', 'data.altered=true'])];
    const { structural } = plain.series.covariates;
    expect(altered.series.covariates.structural).toBeUndefined();
    for (const step of [0, 700, 1999])
      expect(altered.series.target[step]).toBeCloseTo(plain.series.target[step]! - structural![step]!, 9);
  });

  it('stock: five inputs', async () => {
    const { series, seasons } = await load([], 'stock');
    expect(series.length).toBe(755);
    expect(Object.keys(series.covariates)).toEqual(['lag_2', 'lag_3', 'lag_4', 'lag_5']);
    expect(seasons).toEqual([5]);
  });

  it('adds daily profiles, and lags of covariates known ahead', async () => {
    const set = ['data.length=2000', 'features.harmonics=2', 'features.covariateLags=288'];
    const { series, firstCompleteStep } = await load([...set, 'features.profiles=structural']);
    const { structural, structural_lag_288, day_cosine_2, ...others } = series.covariates;
    expect(others).not.toHaveProperty('sys_reg_lag_288');
    expect(series.knownAhead).toContain('structural_lag_288_day_cosine_2');
    expect(firstCompleteStep).toBe(288);
    for (const step of [400, 1999]) {
      expect(structural_lag_288![step]).toBe(structural![step - 288]);
      expect(others.structural_day_cosine_2![step]).toBe(structural![step]! * day_cosine_2![step]!);
      expect(others.structural_lag_288_day_cosine_2![step]).toBe(structural![step - 288]! * day_cosine_2![step]!);
    }
  });

  it('data.until cuts off all later values', async () => {
    const whole = await load(['data.length=2000'], 'autoregressive');
    const { series, parts } = await load(['data.length=2000', 'data.until=1500'], 'autoregressive');
    expect(series.length).toBe(1500);
    expect(parts.test).toEqual({ from: 1275, to: 1500 });
    expect(series.target).toEqual(whole.series.target.slice(0, 1500));
  });

  it('extends a series beyond its end only without covariates known ahead', async () => {
    const { series, extendedBy } = await load(['data.length=2000'], 'autoregressive');
    expect(extendedBy(24).length).toBe(2024);
    expect(extendedBy(24).target.slice(0, 2000)).toEqual(series.target);
    const grid = await load(['data.length=2000']);
    expect(() => grid.extendedBy(24)).toThrow('structural must be known ahead, got its end');
  });

  it.each([
    [['features.lags=3'], 'features: expected lags and a season of at least the 24 steps of the horizon'],
    [['data.covariates=hydro,hidro'], 'data.covariates: expected columns of power grid'],
    [['data.until=soon'], 'data.until: expected a moment after 2019-01-07 00:00, where'],
    [['features.profiles=sys_reg'], 'features.profiles: expected covariates of power grid (generated) that are known'],
    [['features.profiles=structural', 'features.calendar=week'], 'expected the day in features.calendar, got week'],
    [['data.problem=csv', 'data.target=y', 'data.time=t'], 'expected --data FILE'],
  ])('%j is an error of one line', async (set, line) => {
    await expect(load(['data.length=2000', ...set])).rejects.toThrow(line);
  });
});
