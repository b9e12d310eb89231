import { RandomStream } from '@motley/core';
import { AutoregressiveProcess } from '@motley/core/generators';
import { describe, expect, it } from 'vitest';
import { generatePowerGrid } from '../series/power-grid.ts';
import type { Series } from '../series/series.ts';
import { splitByTime } from '../series/split.ts';
import { autoregressiveOptimum, fitBaselines, type Forecaster } from './index.ts';

const HORIZON = 24;
const { series, optimum } = generatePowerGrid(4, 288 * 20);
const parts = splitByTime(series);
const options = { horizon: HORIZON, seasons: [12, 288], windows: [24, 48], outlierShare: 0.01 };
const forecasters: readonly Forecaster[] = [
  ...Object.values(fitBaselines(series, parts, options)),
  optimum,
  autoregressiveOptimum(new AutoregressiveProcess([0.5, 0.2])),
];
const random = RandomStream.fromSeed(9);

/** The series with other values from `start` on, except for covariates known ahead. */
function withAnotherFuture(from: Series, start: number): Series {
  const replaced = (values: Float64Array, name: string): Float64Array => {
    const noise = random.fork(name).normalValues(values.length, 0, 1000);
    return values.map((value, step) => (step < start ? value : noise[step]!));
  };
  return {
    ...from,
    target: replaced(from.target, 'target'),
    covariates: Object.fromEntries(
      Object.entries(from.covariates).map(([name, values]) => [
        name,
        from.knownAhead.includes(name) ? values : replaced(values, name),
      ]),
    ),
  };
}

describe('no baseline reads the future', () => {
  it.each(forecasters.map((forecaster) => [forecaster.name, forecaster] as const))(
    '%s: the forecast does not depend on the future, bit for bit',
    (_, forecaster) => {
      for (const start of [forecaster.window, 3001, parts.test.from, series.length - HORIZON]) {
        const changed = withAnotherFuture(series, start);
        expect(changed.target[start]).not.toBe(series.target[start]);
        expect(forecaster.forecast(changed, start, HORIZON)).toEqual(forecaster.forecast(series, start, HORIZON));
      }
    },
  );

  it.each(forecasters.filter(({ name }) => name !== 'optimum').map((each) => [each.name, each] as const))(
    '%s: the forecast depends on the past',
    (_, forecaster) => {
      const start = 3001;
      const changed = { ...series, target: series.target.map((value, step) => value - (step < start ? 100 : 0)) };
      expect(forecaster.forecast(changed, start, HORIZON)[0]).not.toBe(forecaster.forecast(series, start, HORIZON)[0]);
    },
  );

  it('neither fits nor chooses on the test part', () => {
    const changed = withAnotherFuture(series, parts.test.from);
    const again = fitBaselines(changed, parts, options);
    for (const [index, forecaster] of Object.values(again).entries()) {
      expect(forecaster.name).toBe(forecasters[index]!.name);
      expect(forecaster.forecast(series, 4000, HORIZON)).toEqual(forecasters[index]!.forecast(series, 4000, HORIZON));
    }
  });
});
