import { chooseBackend } from '@motley/core/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { loadData } from './data.ts';
import demo from './demo.ts';
import { forecastFrom } from './predict.ts';
import { createModel } from './train.ts';

const context = { signal: new AbortController().signal, emit: () => Promise.resolve() };
const filesOf = (settings: unknown) => ({ 'settings.json': new TextEncoder().encode(JSON.stringify(settings)) });

describe('the demo', () => {
  beforeAll(() => chooseBackend('cpu'));

  it.each(['autoregressive', 'power-grid'])('%s: has the forecasts of the system', async (preset) => {
    // As long as the demo's own series, whose end is then the same.
    const set = ['data.length=20000', 'model.units=3', 'model.window=20', 'model.horizon=6'];
    const settings = config.resolve({ preset, set });
    const data = await loadData(settings);
    const model = createModel(data.settings, data);
    const start = data.series.length - 6;
    const expected = await forecastFrom(model, await model.scale(data.series), [start]);
    const loaded = await demo.load({ weights: model.stateDict(), config: settings, files: filesOf(data.settings) });
    const past = Float32Array.from(data.series.target.subarray(start - 20, start));
    expect(loaded.examples[0]).toEqual(past);
    const { future } = await demo.run(loaded, { past }, context);
    const { forecast, low, high } = future!;
    for (let step = 0; step < 6; step++) {
      expect(forecast[step]).toBeCloseTo(expected.mean[step]!, 3);
      expect(low![step]).toBeCloseTo(expected.quantiles[step * 5]!, 3);
      expect(high![step]).toBeCloseTo(expected.quantiles[step * 5 + 4]!, 3);
    }
    demo.dispose!(loaded);
    model.dispose();
  });

  it('refuses a network that reads more than can be drawn', async () => {
    const settings = config.resolve({ preset: 'demand', set: ['model.window=20', 'model.horizon=6'] });
    await expect(async () => demo.load({ weights: {}, config: settings, files: filesOf(settings) })).rejects.toThrow(
      'expected a network that reads the series alone, got one that also reads WorkDay, Temperature, day, week',
    );
  });
});
