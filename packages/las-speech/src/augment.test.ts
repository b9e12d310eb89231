import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { maskedFrames, slowestSpeed, soundAugmentation } from './augment.ts';
import { config, type AugmentationSettings } from './config.ts';

const settings = (...set: readonly string[]): AugmentationSettings =>
  config.resolve({ set: set.map((each) => `augmentation.${each}`) }).augmentation;

const NONE = ['speed=0', 'noise=0', 'echo=0'];

/** 0.1 s of a tone. */
const tone = Float32Array.from({ length: 1600 }, (_, time) => Math.sin(time / 5) / 4);

const changed = (augmentation: AugmentationSettings, seed: number): Float32Array =>
  soundAugmentation(augmentation)(tone.slice(), RandomNumbers.fromSeed(seed));

const energy = (samples: Float32Array): number => samples.reduce((sum, sample) => sum + sample ** 2, 0);

describe('changes of the sound', () => {
  it('leave it as it is where all are off', () => {
    expect(changed(settings(...NONE), 1)).toEqual(tone);
  });

  it('stretch it by the slowest speed at most', () => {
    const lengths = Array.from({ length: 30 }, (_, seed) => changed(settings(...NONE, 'speed=0.1117'), seed).length);
    const slowest = slowestSpeed({ speed: 0.1117 });
    expect(slowest).toBe(0.888);
    expect(new Set(lengths)).toEqual(new Set([Math.ceil(1600 / slowest), 1600, Math.ceil(1600 / 1.112)]));
  });

  it('add noise of the ratio asked for', () => {
    const augmentation = settings(...NONE, 'noise=1', 'minSnrInDb=10', 'maxSnrInDb=10');
    const sound = Float32Array.from({ length: 16_000 }, (_, time) => Math.sin(time / 5) / 4);
    const noisy = soundAugmentation(augmentation)(sound.slice(), RandomNumbers.fromSeed(2));
    const noise = noisy.map((sample, time) => sample - sound[time]!);
    // The level of speech is measured after its onset of 30 ms.
    expect(Math.abs(10 * Math.log10(energy(sound) / energy(noise)) - 10)).toBeLessThan(0.3);
  });

  it('come as often as asked for', () => {
    const noise = settings(...NONE, 'noise=0.3');
    const echo = settings(...NONE, 'echo=0.3');
    for (const augmentation of [noise, echo]) {
      const seeds = Array.from({ length: 100 }, (_, seed) => seed);
      const count = seeds.filter((seed) =>
        changed(augmentation, seed).some((sample, time) => sample !== tone[time]),
      ).length;
      // Within four standard deviations of the binomial distribution.
      expect(Math.abs(count - 30)).toBeLessThan(4 * Math.sqrt(100 * 0.3 * 0.7));
    }
  });
});

describe('masks', () => {
  const frames = { values: new Float32Array(50 * 20).fill(1), count: 50, width: 20 };

  it('hide bands and stretches of time of the widths asked for, in a copy', () => {
    const augmentation = settings('bandMasks=1', 'maxBands=5', 'frameMasks=1', 'maxFrames=10');
    let hidden = 0;
    for (let seed = 0; seed < 20; seed++) {
      const { values, count, width } = maskedFrames(frames, augmentation, RandomNumbers.fromSeed(seed));
      expect([count, width]).toEqual([50, 20]);
      const isHidden = (frame: number, band: number): boolean => values[frame * 20 + band] !== 1;
      const rows = Array.from({ length: 50 }, (_, frame) => frame);
      const columns = Array.from({ length: 20 }, (_, band) => band);
      const wholeRows = rows.filter((frame) => columns.every((band) => isHidden(frame, band))).length;
      const wholeColumns = columns.filter((band) => rows.every((frame) => isHidden(frame, band))).length;
      expect(wholeRows).toBeLessThanOrEqual(10);
      expect(wholeColumns).toBeLessThanOrEqual(5);
      const cells = wholeRows * 20 + wholeColumns * 50 - wholeRows * wholeColumns;
      expect(values.filter((value) => value !== 1)).toHaveLength(cells);
      hidden += cells;
    }
    expect(hidden).toBeGreaterThan(0);
    expect(frames.values.every((value) => value === 1)).toBe(true);
  });

  it('hide nothing where there are none', () => {
    const { values } = maskedFrames(frames, settings('bandMasks=0', 'frameMasks=0'), RandomNumbers.fromSeed(1));
    expect(values).toEqual(frames.values);
  });
});
