import { RandomStream } from '@motley/core';
import { AutoregressiveProcess } from '@motley/core/generators';
import { chooseBackend } from '@motley/core/node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SeriesData } from './data.ts';
import { coverages } from './evaluate.ts';
import { forecastFrom } from './predict.ts';
import type { Series } from './series/series.ts';
import { forecastStarts } from './series/split.ts';
import { dataOf, settingsOf } from './testing/series.ts';
import { createLinearModel } from './train.ts';

const settings = settingsOf([
  'features.calendar=',
  'features.clip=0',
  'model.window=8',
  'model.horizon=6',
  'model.units=4',
]);
const LENGTH = 6000;
const target = new AutoregressiveProcess([0.9]).draw(RandomStream.fromSeed(4), LENGTH);
const series: Series = {
  name: 'AR(1)',
  frequency: { kind: 'rows' },
  startTime: undefined,
  length: LENGTH,
  target,
  knownAhead: [],
  // Pure noise, which helps no forecast.
  covariates: { noise: Float64Array.from(RandomStream.fromSeed(5).normalValues(LENGTH)) },
};
const data: SeriesData = { ...dataOf(series), seasons: [1] };

describe('the linear initialization', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('recovers the autoregression, and zeroes the contribution of the state', async () => {
    const model = (await createLinearModel(settings, data))!;
    const { target: scaled } = await model.scale(series);
    const start = 5000;
    const { mean } = await forecastFrom(model, await model.scale(series), [start]);
    for (const [step, value] of mean.entries())
      expect(Math.abs(value - 0.9 ** (step + 1) * target[start - 1]!)).toBeLessThan(0.1 * scaled.scale);
    const weights = model.linearHead!.weight.dataSync();
    // Change, last value, noise, how far ahead.
    [0, -0.1, 0, 0].forEach((weight, input) => {
      expect(Math.abs(weights[input]! - weight)).toBeLessThan(0.03);
    });
    expect([...model.head.weight.dataSync().subarray(0, 4), model.head.bias!.dataSync()[0]]).toEqual([0, 0, 0, 0, 0]);
    model.dispose();
  });

  it('has calibrated quantiles on the training part', async () => {
    const model = (await createLinearModel(settings, data))!;
    const starts = forecastStarts(data.parts.training, { horizon: 6, window: 8, stride: 6 }, series);
    const scaled = await model.scale(series);
    const { coverage50, coverage90 } = coverages(target, await forecastFrom(model, scaled, starts));
    expect(Math.abs(coverage50! - 0.5)).toBeLessThan(0.03);
    expect(Math.abs(coverage90! - 0.9)).toBeLessThan(0.03);
    model.dispose();
  });

  it('needs a recursive forecast with a skip', async () => {
    for (const set of ['model.skip=false', 'model.forecast=direct'])
      expect(await createLinearModel(settingsOf([set]), data)).toBeUndefined();
  });
});
