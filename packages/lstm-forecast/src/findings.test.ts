import { describe, expect, it } from 'vitest';
import type { Comparison } from './comparison.ts';
import { findings } from './findings.ts';
import { waveData } from './testing/series.ts';

const errorsOf = (rootMeanSquaredError: number) => ({ rootMeanSquaredError }) as Comparison['evaluation']['errors'];
const comparisonOf = (own: number, baselines: Record<string, number>) =>
  ({
    evaluation: { errors: errorsOf(own) },
    baselineErrors: Object.fromEntries(Object.entries(baselines).map(([name, error]) => [name, errorsOf(error)])),
  }) as unknown as Comparison;
const data = waveData(100);

describe('findings', () => {
  it('name the methods, and say that the network adds nothing', () => {
    const method = { settings: '', relativeError: 1 };
    const lines = findings({
      data,
      comparison: comparisonOf(1, { linear: 1, persistence: 2 }),
      shares: [
        { ...method, family: 'ridge', share: 0.5, space: { scale: 'value', hasKnownPart: false } },
        { ...method, family: 'NLinear', share: 0.3, space: { scale: 'logarithm', hasKnownPart: true } },
        { ...method, family: 'ridge', share: 0.2, space: { scale: 'logarithm', hasKnownPart: false } },
      ],
      bestStep: 0,
    });
    expect(lines[1]).toBe(
      'linear methods: ridge 70 %, NLinear 30 %, 50 % of all on logarithms, 30 % of all beside what is known ahead',
    );
    expect(lines[2]).toBe('the LSTM adds nothing: validation is best without its correction');
    expect(lines).toHaveLength(3);
  });

  it('say which simpler forecasts are as good or better', () => {
    const comparison = comparisonOf(1, { linear: 0.5, optimum: 0.4, persistence: 1.005, ridge: 0.9, nlinear: 1.2 });
    expect(findings({ data, comparison, shares: [], bestStep: 40 })).toEqual([
      'persistence is as good here: the RMSE differs by less than 1 %',
      "ridge is better here: the forecast's RMSE is 11.1 % above its",
    ]);
  });
});
