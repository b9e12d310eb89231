import { expect, it } from 'vitest';
import { config } from './config.ts';
import { anomalies, gray, likelihood } from './study.ts';

const variants = Object.entries({ ...gray.variants, ...likelihood.variants, ...anomalies.variants });

it.each(variants)('the configuration of %s is valid', (_, { preset, config: own = {} }) => {
  const settings = config.resolve({ preset, file: { name: 'study', text: JSON.stringify(own) } });
  // Only binary pixels have a likelihood.
  expect(settings.evaluation.importanceSamples >= 500).toBe(settings.data.pixels === 'binarized');
});

it('holds out each digit for both kinds of models', () => {
  const heldOut = Object.values(anomalies.variants).map(({ config: own }) => own?.data?.heldOutDigit);
  expect(heldOut.toSorted()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
});
