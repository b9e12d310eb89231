import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { splitByTime } from './series/split.ts';
import * as studies from './study.ts';

describe.each(Object.entries(studies))('the study %s', (_, { variants }) => {
  it.each(Object.entries(variants))('has a valid configuration for %s', (__, { preset, config: own = {} }) => {
    const { data, model } = config.resolve({ preset, file: { name: 'study', text: JSON.stringify(own) } });
    // Only a table leaves its window to the data.
    expect(model.window === null).toBe(data.problem === 'csv');
  });
});

it('the study of demand tests each of 90 days once, after its training part', () => {
  const tested = Object.values(studies.demand.variants).map(({ config: own }) => {
    const { until, validationShare: validation, testShare: test } = own!.data!;
    const days = (Date.parse(`${until!}T00:00Z`) - Date.parse('2014-01-01T00:00Z')) / 86_400_000;
    const parts = splitByTime({ name: 'demand', length: 48 * days }, { validation: validation!, test: test! });
    expect(parts.validation).toEqual({ from: 48 * (days - 60), to: 48 * (days - 30) });
    return [parts.test.from / 48, parts.test.to / 48];
  });
  expect(tested).toEqual([
    [165, 195],
    [195, 225],
    [225, 255],
  ]);
});
