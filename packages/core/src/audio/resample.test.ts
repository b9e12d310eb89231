import { largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { resample } from './resample.ts';
import { changeSpeed } from './speed.ts';

const sine = (length: number, frequency: number, rate: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin((2 * Math.PI * frequency * index) / rate));
const amplitude = (samples: Float32Array) => largest(samples.subarray(1000, -1000).map(Math.abs));

function differenceInside(found: Float32Array, expected: Float32Array, margin = 500): number {
  expect(found.length).toBe(expected.length);
  const inside = found.subarray(margin, -margin);
  return largest(inside.map((value, index) => Math.abs(value - expected[margin + index]!)));
}

describe('resample', () => {
  it.each([
    [44_100, 16_000],
    [16_000, 44_100],
    [22_050, 16_000],
    [48_000, 8000],
  ])('keeps a tone: %d to %d Hz', (from, to) => {
    expect(differenceInside(resample(sine(from / 2, 1000, from), from, to), sine(to / 2, 1000, to))).toBeLessThan(1e-4);
  });

  it("removes frequencies above the lower rate's limit, keeps those below, and keeps a constant exactly", () => {
    expect(amplitude(resample(sine(44_100, 9000, 44_100), 44_100, 16_000))).toBeLessThan(1e-3);
    expect(amplitude(resample(sine(44_100, 7000, 44_100), 44_100, 16_000))).toBeGreaterThan(0.98);
    const constant = resample(new Float32Array(5000).fill(0.5), 3, 7).subarray(200, -200);
    expect(constant.every((value) => Math.abs(value - 0.5) < 1e-6)).toBe(true);
    const same = Float32Array.of(1, 2);
    expect(resample(same, 8000, 8000)).toBe(same);
    expect(() => resample(same, 8000, 0)).toThrow('resample: expected an integer rate in Hz, got 0');
    expect(() => resample(same, 8000, 4000, { crossings: 0 })).toThrow(
      'resample: expected an integer number of crossings of at least 1, got 0',
    );
  });
});

describe('changeSpeed', () => {
  it.each([0.9, 0.946, 1.1, 2])('plays a tone %d times as fast and as high', (factor) => {
    const length = Math.ceil(16_000 / factor);
    expect(
      differenceInside(changeSpeed(sine(16_000, 440, 16_000), factor), sine(length, 440 * factor, 16_000)),
    ).toBeLessThan(1e-4);
  });

  it('rounds factors to 0.002, and copies at 1', () => {
    const samples = sine(5000, 100, 16_000);
    expect(changeSpeed(samples, 1.0309)).toEqual(changeSpeed(samples, 1.03));
    expect(changeSpeed(samples, 1.0311)).toEqual(changeSpeed(samples, 1.032));
    const copy = changeSpeed(samples, 1.0005);
    expect(copy).toEqual(samples);
    expect(copy).not.toBe(samples);
    expect(() => changeSpeed(samples, 0)).toThrow('changeSpeed: expected a factor from 0.1 to 10, got 0');
    expect(() => changeSpeed(Float32Array.of(0, NaN), 1)).toThrow(
      'changeSpeed: expected finite samples, got NaN as number 1',
    );
  });
});
