import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { delays } from './study.ts';

describe('the study of delays', () => {
  it.each(Object.entries(delays.variants))('has a valid configuration for %s', (_, { config: own = {} }) => {
    const { data, model } = config.resolve({ file: { name: 'study', text: JSON.stringify(own) } });
    expect(model.window).toBeGreaterThan(2 * data.delay);
    expect(model.units).toBeGreaterThan(data.delay);
  });
});
