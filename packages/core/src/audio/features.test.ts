import { largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { mfcc, withDeltas } from './cepstrum.ts';
import { normalizeFrames, stackFrames, type Frames } from './frames.ts';
import { logMel, type LogMelOptions } from './log-mel.ts';
import { melFilters, type MelOptions } from './mel.ts';
import { reference, signal } from './testing.ts';

const samples = signal(reference.length);
const short = signal(reference.shortLength);

function differenceFrom(name: string, { values, count, width }: Frames): number {
  const expected = reference[name]!;
  expect([count, width]).toEqual([expected.count, expected.width]);
  return largest(
    expected.values.map((value, index) => {
      const frame = Math.floor(index / width) * expected.every;
      return Math.abs(value - values[frame * width + (index % width)]!);
    }),
  );
}

/** Every so many features of each frame. */
function thinned({ values, count, width }: Frames, every: number): Frames {
  const kept = values.filter((_, index) => (index % width) % every === 0);
  return { values: kept, count, width: kept.length / count };
}

describe('mel filters', () => {
  it.each<[string, number, number, MelOptions]>([
    ['htk', 16_000, 512, {}],
    ['slaney', 16_000, 400, { lowestInHz: 0, scale: 'slaney', equalArea: true }],
    ['speech', 8000, 256, { bands: 23, lowestInHz: 64, highestInHz: 3800, equalArea: true }],
  ])("have librosa's weights: %s", (name, rate, fftLength, options) => {
    const { bands, sums, centers } = reference.filters[name]!;
    const filters = melFilters(rate, fftLength, options);
    expect(filters.bands).toBe(bands);
    for (let band = 0; band < bands; band++) {
      const weights = filters.weights.subarray(filters.offsets[band], filters.offsets[band + 1]);
      const first = filters.firstBins[band]!;
      expect(weights.reduce((sum, weight) => sum + weight, 0) / sums[band]!).toBeCloseTo(1, 6);
      const center = weights.reduce((sum, weight, bin) => sum + weight * (first + bin), 0);
      expect(center / centers[band]!).toBeCloseTo(1, 6);
    }
  });
});

describe('logMel', () => {
  it.each<[string, Float32Array, number, LogMelOptions]>([
    ['plain', samples, 16_000, {}],
    [
      'whisper',
      samples,
      16_000,
      {
        ...{ fftLength: 400, padding: 'reflect', lowestInHz: 0, scale: 'slaney', equalArea: true },
        ...{ unit: 'decibels', rangeInDb: 20 },
      },
    ],
    [
      'odd',
      short,
      11_025,
      {
        ...{ windowInMs: 24.943, hopInMs: 9.9773, fftLength: 512, padding: 'zeros', window: 'povey' },
        ...{ preEmphasis: 0.97, bands: 40, lowestInHz: 64, highestInHz: 4000, equalArea: true },
      },
    ],
    ['hamming', short, 8000, { windowInMs: 32, padding: 'reflect', window: 'hamming', bands: 23, scale: 'slaney' }],
  ])("has librosa's values: %s", (name, sound, rate, options) => {
    expect(differenceFrom(name, logMel(sound, rate, options))).toBeLessThan(2e-5);
  });
});

describe('mfcc', () => {
  it("has librosa's values", () => {
    expect(differenceFrom('mfcc', mfcc(samples, 16_000))).toBeLessThan(1e-4);
    const options = { fftLength: 400, padding: 'reflect', lowestInHz: 0, scale: 'slaney', equalArea: true } as const;
    const found = mfcc(samples, 16_000, { ...options, coefficients: 13, rangeInDb: 20 });
    expect(differenceFrom('slaneyMfcc', found)).toBeLessThan(1e-4);
    expect(differenceFrom('liftered', mfcc(samples, 16_000, { lifter: 22 }))).toBeLessThan(1e-3);
  });
});

describe('withDeltas', () => {
  const frames = mfcc(samples, 16_000);
  it.each([
    ['regression', 5],
    ['polynomial', 9],
  ] as const)('has the values of %s', (method, window) => {
    expect(differenceFrom(method, thinned(withDeltas(frames, { method, window }), 5))).toBeLessThan(1e-4);
    const first = withDeltas(frames, { method, window, order: 1 });
    expect(first.width).toBe(30);
  });
});

describe('a stream', () => {
  const long = signal(8000);
  it.each<[string, LogMelOptions]>([
    ['plain', {}],
    ['with pre-emphasis', { preEmphasis: 0.97 }],
    ['with a short hop', { hopInMs: 3, windowInMs: 20 }],
  ])('has the frames of the whole as soon as their windows are there: %s', (_, options) => {
    const whole = logMel(long, 16_000, options);
    for (const length of [400, 559, 560, 561, 1999, 7777]) {
      const part = logMel(long.subarray(0, length), 16_000, options);
      const window = (options.windowInMs ?? 25) * 16;
      const hop = (options.hopInMs ?? 10) * 16;
      expect(part.count).toBe(Math.floor((length - window) / hop) + 1);
      expect(part.values).toEqual(whole.values.subarray(0, part.values.length));
    }
  });

  it('goes on from any frame', () => {
    const whole = logMel(long, 16_000);
    const rest = logMel(long.subarray(13 * 160), 16_000);
    expect(rest.values).toEqual(whole.values.subarray(13 * 80));
  });
});

describe('normalizeFrames', () => {
  const frames = logMel(samples, 16_000);

  it('gives each feature mean 0 and variance 1 over time', () => {
    const { values, count, width } = normalizeFrames(frames);
    for (let feature = 0; feature < width; feature++) {
      const column = values.filter((_, index) => index % width === feature);
      const mean = column.reduce((sum, value) => sum + value, 0) / count;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
      expect(Math.abs(mean)).toBeLessThan(1e-6);
      expect(variance).toBeCloseTo(1, 5);
    }
  });

  it('keeps the variance on request, constants at 0, and its input', () => {
    const constant = { values: Float32Array.of(5, 1, 5, 3, 5, 8), count: 3, width: 2 };
    expect([...normalizeFrames(constant, { variance: false }).values]).toEqual([0, -3, 0, -1, 0, 4]);
    expect(normalizeFrames(constant).values.filter((_, index) => index % 2 === 0)).toEqual(new Float32Array(3));
    expect([...constant.values]).toEqual([5, 1, 5, 3, 5, 8]);
    expect(normalizeFrames({ values: new Float32Array(0), count: 0, width: 4 }).count).toBe(0);
  });

  it('refuses values that are not finite, and other shapes', () => {
    const nan = { values: Float32Array.of(1, NaN, 3, 4), count: 2, width: 2 };
    expect(() => normalizeFrames(nan)).toThrow('normalizeFrames: expected finite values, got NaN as number 1');
    expect(() => normalizeFrames({ ...nan, count: 3 })).toThrow(
      'normalizeFrames: expected 6 values for frames [3, 2], got 4',
    );
  });
});

describe('stackFrames', () => {
  const frames = { values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), count: 4, width: 2 };

  it('joins neighbours, the ends repeated', () => {
    expect(stackFrames(frames, { before: 1, after: 1 })).toEqual({
      values: Float32Array.of(1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 3, 4, 5, 6, 7, 8, 5, 6, 7, 8, 7, 8),
      count: 4,
      width: 6,
    });
    expect(stackFrames(frames, {})).toEqual(frames);
  });

  it('joins groups of frames to fewer', () => {
    const groups = stackFrames(frames, { after: 2, step: 3 });
    expect(groups).toEqual({ values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 7, 8, 7, 8), count: 2, width: 6 });
    expect(() => stackFrames(frames, { step: 0 })).toThrow('a step of at least 1, got 0, 0 and 0');
  });
});

describe('bad input', () => {
  const withNaN = samples.slice();
  withNaN[1234] = NaN;
  it.each<[string, () => unknown, string]>([
    ['no samples', () => logMel(new Float32Array(0), 16_000), 'logMel: expected samples, got none'],
    ['NaN', () => logMel(withNaN, 16_000), 'logMel: expected finite samples, got NaN as number 1234'],
    [
      'a short sound',
      () => mfcc(new Float32Array(399), 16_000),
      'logMel: expected at least one window of 400 samples, got 399',
    ],
    ['no rate', () => logMel(samples, 0), 'logMel: expected an integer rate in Hz, got 0'],
    [
      'no window',
      () => logMel(samples, 16_000, { windowInMs: 0 }),
      'logMel: expected a window of at least 2 samples and a hop of at least 1, got 0 ms and 10 ms at 16000 Hz',
    ],
    [
      'a short transform',
      () => logMel(samples, 16_000, { fftLength: 256 }),
      "logMel: expected a transform of at least 400 samples, the window's length, got 256",
    ],
    [
      'a transform of another length',
      () => logMel(samples, 16_000, { fftLength: 401 }),
      'RealFft: expected an even length without prime factors above 5, got 401',
    ],
    [
      'an empty band',
      () => logMel(samples, 16_000, { bands: 128 }),
      'mel filters: expected a frequency of the transform in each of 128 bands, got none in band 3; take fewer bands or a transform longer than 512',
    ],
    [
      'too many bands',
      () => logMel(samples, 16_000, { bands: 1e9 }),
      'mel filters: expected a frequency of the transform in each of 1000000000 bands, got none in band 256; take fewer bands or a transform longer than 512',
    ],
    [
      'half a band',
      () => logMel(samples, 16_000, { bands: 0.5 }),
      'mel filters: expected an integer number of bands of at least 1, got 0.5',
    ],
    [
      'frequencies out of order',
      () => logMel(samples, 8000, { highestInHz: 8000 }),
      'mel filters: expected 0 ≤ lowest < highest ≤ 4000 Hz, half of the sample rate, got 20 and 8000 Hz',
    ],
    [
      'pre-emphasis',
      () => logMel(samples, 16_000, { preEmphasis: 2 }),
      'logMel: expected a pre-emphasis from 0 to 1, got 2',
    ],
    ['a floor of 0', () => logMel(samples, 16_000, { floor: 0 }), 'logMel: expected a floor above 0, got 0'],
    ['a range of 0', () => logMel(samples, 16_000, { rangeInDb: 0 }), 'logMel: expected a range above 0 dB, got 0'],
    [
      'coefficients',
      () => mfcc(samples, 16_000, { bands: 20, coefficients: 21 }),
      'mfcc: expected from 1 to 20 coefficients, the number of bands, got 21',
    ],
    ['a lifter', () => mfcc(samples, 16_000, { lifter: -1 }), 'mfcc: expected a lifter of at least 0, got -1'],
    [
      'an even window of deltas',
      () => withDeltas(logMel(samples, 16_000), { window: 4 }),
      'withDeltas: expected an odd window of at least 3 frames, got 4',
    ],
    [
      'too few frames for a polynomial',
      () => withDeltas(logMel(samples, 16_000), { window: 15, method: 'polynomial' }),
      'withDeltas: expected at least 15 frames, one window, got 13',
    ],
  ])('is refused: %s', (_, call, message) => {
    expect(call).toThrow(new RangeError(message));
  });

  it('of silence is the floor', () => {
    const { values } = logMel(new Float32Array(1000), 16_000);
    expect(new Set(values)).toEqual(new Set([Math.fround(Math.log(1e-10))]));
  });
});
