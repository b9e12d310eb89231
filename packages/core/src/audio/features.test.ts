import { readFileSync } from 'node:fs';
import { RandomNumbers, largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { mfcc, withDeltas } from './cepstrum.ts';
import { normalizeFrames, stackFrames, type Frames } from './frames.ts';
import { logMel, type LogMelOptions } from './log-mel.ts';
import { melFilters, type MelOptions } from './mel.ts';

interface Rows {
  readonly count: number;
  readonly width: number;
  /** The reference has every so many frames. */
  readonly every: number;
  readonly values: number[];
}
interface Reference {
  readonly length: number;
  readonly shortLength: number;
  readonly filters: Record<string, { bands: number; sums: number[]; centers: number[] }>;
}
const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference &
  Record<string, Rows>;

/** The sound of `reference.py`. */
function signal(length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => {
    const noise = ((index * index * 3) % 1001) / 1001 - 0.5;
    return 0.2 * noise + 0.5 * (((index * 21) % 400) / 400 - 0.5) + 0.3 * (((index * 97) % 1600) / 1600 - 0.5);
  });
}
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
