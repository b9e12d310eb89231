import { logMel } from '@motley/core/audio';
import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { config, type FeatureSettings } from './config.ts';
import { featureWidth, framesOf } from './features.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';

const features = (...set: readonly string[]): FeatureSettings =>
  config.resolve({ set: set.map((each) => `features.${each}`) }).features;

/** 0.3 s of noise. */
const noise = Float32Array.from(RandomNumbers.fromSeed(1).normalValues(0.3 * SAMPLE_RATE_IN_HZ), (value) => value / 10);

describe('frames', () => {
  it.each([
    [80, features()],
    [40, features('bands=40')],
    [240, features('deltas=true')],
    [15, features('kind=mfcc')],
    [39, features('kind=mfcc', 'coefficients=13', 'deltas=true')],
  ])('have %d features, each with mean 0 and variance 1', (width, settings) => {
    const { values, count, width: found } = framesOf(noise, settings);
    expect([featureWidth(settings), found]).toEqual([width, width]);
    expect(count).toBe(28); // windows of 25 ms within 300 ms, every 10 ms
    for (let feature = 0; feature < width; feature++) {
      const column = Array.from({ length: count }, (_, frame) => values[frame * width + feature]!);
      const mean = column.reduce((sum, value) => sum + value, 0) / count;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
      expect(Math.abs(mean)).toBeLessThan(1e-4);
      expect(Math.abs(variance - 1)).toBeLessThan(1e-3);
    }
  });

  it('do not depend on loudness', () => {
    const settings = features();
    const soft = framesOf(
      noise.map((sample) => sample / 8),
      settings,
    ).values;
    const loud = framesOf(noise, settings).values;
    for (const [index, value] of loud.entries()) expect(Math.abs(value - soft[index]!)).toBeLessThan(1e-3);
  });

  it('are 0 for digital silence, and not NaN', () => {
    const { values } = framesOf(new Float32Array(SAMPLE_RATE_IN_HZ / 10), features());
    expect(values.every((value) => value === 0)).toBe(true);
  });

  it('follow window and hop', () => {
    const settings = features('windowInMs=50', 'hopInMs=20', 'bands=20');
    const { count } = logMel(noise, SAMPLE_RATE_IN_HZ, { windowInMs: 50, hopInMs: 20 });
    expect(framesOf(noise, settings).count).toBe(count);
  });
});
