import { RandomNumbers, largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { type Frames } from './frames.ts';
import { specAugment, warpFrames } from './spec-augment.ts';
import { meanOfDraws } from './testing.ts';

const ones = (count: number, width: number): Frames => ({
  values: new Float32Array(count * width).fill(1),
  count,
  width,
});

/** Lengths of the runs of frames and bands that are filled. */
function maskOf({ values, count, width }: Frames): { frames: number[]; bands: number[] } {
  const frames: number[] = [];
  const bands: number[] = [];
  for (let frame = 0; frame < count; frame++)
    if (values.subarray(frame * width, (frame + 1) * width).every((value) => value === 0)) frames.push(frame);
  for (let band = 0; band < width; band++) {
    let filled = true;
    for (let frame = 0; frame < count; frame++) filled &&= values[frame * width + band] === 0;
    if (filled) bands.push(band);
  }
  return { frames, bands };
}

const isOneRun = (places: readonly number[]) => places.every((place, index) => place === places[0]! + index);

describe('specAugment', () => {
  it('fills one run of up to F bands, each length and place equally likely', () => {
    const options = { maxBands: 9, bandMasks: 1, frameMasks: 0 };
    const lengths = new Array<number>(10).fill(0);
    const covered = new Array<number>(20).fill(0);
    for (let draw = 0; draw < 4000; draw++) {
      const { bands, frames } = maskOf(specAugment(ones(3, 20), RandomNumbers.fromSeed(draw), options));
      expect(isOneRun(bands) && frames.length === 0).toBe(true);
      lengths[bands.length]!++;
      for (const band of bands) covered[band]!++;
    }
    for (const count of lengths) expect(Math.abs(count / 4000 - 0.1)).toBeLessThan(0.02);
    // P(band filled) = Σ over lengths f of 1/10 · (number of places that cover it) / (21 - f)
    for (const [band, count] of covered.entries()) {
      let expected = 0;
      for (let length = 1; length <= 9; length++) {
        const places = Math.min(band, 20 - length) - Math.max(0, band - length + 1) + 1;
        expected += places / (10 * (21 - length));
      }
      expect(Math.abs(count / 4000 - expected)).toBeLessThan(0.035);
    }
  });

  it('fills runs of frames within T and within the share p', () => {
    const options = { bandMasks: 0, frameMasks: 1, maxFrames: 30, maxShare: 0.2 };
    const longest = (count: number) =>
      largest(
        Array.from({ length: 500 }, (_, seed) => {
          const { frames, bands } = maskOf(specAugment(ones(count, 4), RandomNumbers.fromSeed(seed), options));
          expect(isOneRun(frames) && bands.length === 0).toBe(true);
          return frames.length;
        }),
      );
    expect(longest(400)).toBe(30);
    expect(longest(54)).toBe(10);
    expect(longest(4)).toBe(0);
    const share = meanOfDraws(2000, RandomNumbers.fromSeed(1), (random) => {
      return maskOf(specAugment(ones(54, 4), random, options)).frames.length;
    });
    expect(share).toBeCloseTo(5, 0);
  });

  it('draws m_F and m_T masks, with the fill asked for', () => {
    const frames = {
      values: Float32Array.from({ length: 8000 }, (_, index) => 1 + (index % 80)),
      count: 100,
      width: 80,
    };
    const most = { bands: 0, frames: 0 };
    for (let seed = 0; seed < 200; seed++) {
      const found = maskOf(specAugment(frames, RandomNumbers.fromSeed(seed)));
      most.bands = Math.max(most.bands, found.bands.length);
      most.frames = Math.max(most.frames, found.frames.length);
    }
    expect(most.bands).toBeGreaterThan(27);
    expect(most.bands).toBeLessThanOrEqual(54);
    expect(most.frames).toBeGreaterThan(20);
    expect(most.frames).toBeLessThanOrEqual(40);
    const values = new Set(specAugment(frames, RandomNumbers.fromSeed(4), { fill: 'mean' }).values);
    expect(values).toContain(40.5);
    expect(values).not.toContain(0);
  });

  it('depends only on frames and seed, and keeps its input', () => {
    const frames = { values: RandomNumbers.fromSeed(2).normalValues(4000), count: 50, width: 80 };
    const before = frames.values.slice();
    const draw = (seed: number) => specAugment(frames, RandomNumbers.fromSeed(seed), { maxWarp: 10 });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(frames.values).toEqual(before);
    expect(specAugment(frames, RandomNumbers.fromSeed(1), { bandMasks: 0, frameMasks: 0 })).toEqual(frames);
    expect(specAugment(ones(1, 2), RandomNumbers.fromSeed(1), { maxWarp: 3, bandMasks: 0 })).toEqual(ones(1, 2));
  });

  it('refuses numbers that do not fit', () => {
    const random = RandomNumbers.fromSeed(1);
    expect(() => specAugment(ones(4, 4), random, { maxShare: 2 })).toThrow(
      'specAugment: expected a share from 0 to 1, got 2',
    );
    expect(() => specAugment(ones(4, 4), random, { maxBands: 1.5 })).toThrow(
      'specAugment: expected integers of at least 0 for sizes and counts, got 1.5',
    );
    expect(() => specAugment({ ...ones(4, 4), count: 5 }, random)).toThrow(
      'specAugment: expected 20 values for frames [5, 4], got 16',
    );
  });
});

describe('warpFrames', () => {
  const ramp = { values: Float32Array.from({ length: 22 }, (_, index) => Math.floor(index / 2)), count: 11, width: 2 };
  const column = ({ values }: Frames) => [...values.filter((_, index) => index % 2 === 0)];

  it('moves one moment and keeps the ends', () => {
    const moved = column(warpFrames(ramp, 4, 8));
    expect(moved).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 7, 10]);
    expect(column(warpFrames(ramp, 8, 4))).toEqual(
      [0, 2, 4, 6, 8, 8 + 1 / 3, 8 + 2 / 3, 9, 9 + 1 / 3, 9 + 2 / 3, 10].map(Math.fround),
    );
    expect(warpFrames(ramp, 5, 5)).toEqual(ramp);
    expect(() => warpFrames(ramp, 5, 10)).toThrow('warpFrames: expected places between 0 and 10, got 5 and 10');
  });

  it('never moves further than W', () => {
    for (let seed = 0; seed < 100; seed++) {
      const options = { maxWarp: 3, bandMasks: 0, frameMasks: 0 };
      const warped = column(specAugment(ramp, RandomNumbers.fromSeed(seed), options));
      for (const [frame, value] of warped.entries()) {
        expect(Math.abs(value - frame)).toBeLessThanOrEqual(3);
        if (frame > 0) expect(value).toBeGreaterThan(warped[frame - 1]!);
      }
    }
  });
});
