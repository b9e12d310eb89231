import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { forecastErrors } from '../series/errors.ts';
import { generatePowerGrid } from '../series/power-grid.ts';
import { forecastStarts, splitByTime } from '../series/split.ts';
import { fitBaselines } from './index.ts';
import { no1ReferenceErrors } from './no1-reference.ts';

const { series, optimum } = generatePowerGrid(6, 288 * 40, { outlierShare: 0.01 });
const parts = splitByTime(series);
const starts = forecastStarts(parts.test, { horizon: 12 }, series);
const errorsWith = (outlierShare: number): Record<string, number> =>
  Object.fromEntries(
    Object.entries(
      fitBaselines(series, parts, { horizon: 12, seasons: [12, 288], windows: [12, 96], outlierShare }),
    ).map(([name, forecaster]) => [name, forecastErrors(forecaster, series, starts, 12).rootMeanSquaredError]),
  );

describe('fitBaselines', () => {
  const errors = errorsWith(0);

  it('fits linear baselines that beat persistence but not the optimum', () => {
    const floor = forecastErrors(optimum, series, starts, 12).rootMeanSquaredError;
    for (const error of Object.values(errors)) expect(error).toBeGreaterThan(floor);
    for (const name of ['ridge', 'ridgeRecursive', 'nlinear'])
      expect(errors[name]).toBeLessThan(0.95 * errors.persistence!);
  });

  it('chooses season and window by the validation part', () => {
    const chosen = fitBaselines(series, parts, { horizon: 12, seasons: [1, 12, 288], windows: [2, 96] });
    expect(chosen.seasonalNaive.name).toBe('seasonal naive (1 steps)');
    expect(chosen.nlinear.name).toBe('NLinear, window of 96');
    expect(() => fitBaselines(series, parts, { horizon: 12, seasons: [], windows: [2] })).toThrow(
      'expected at least one season and one window, got none',
    );
  });

  it('has lower errors when past outliers are clipped', () => {
    const clipped = errorsWith(0.01);
    for (const name of ['persistence', 'ridge', 'nlinear']) expect(clipped[name]).toBeLessThan(errors[name]!);
  });
});

describe('no1ReferenceErrors', () => {
  it('measures both on the second half, ridge below persistence', () => {
    const { persistence, ridge } = no1ReferenceErrors(series);
    expect(ridge.rootMeanSquaredError).toBeLessThan(persistence.rootMeanSquaredError);
    expect(persistence.starts).toBe(series.length / 2 - 24 + 1);
  });

  it('refuses a series that is too short', () => {
    expect(() => no1ReferenceErrors(generatePowerGrid(6, 60).series)).toThrow(UserError);
  });
});
