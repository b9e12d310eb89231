import { readFileSync } from 'node:fs';
import { largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../random/random-stream.ts';
import { Dataset } from '../dataset.ts';
import { affineImage, randomAffine, type AffineTransform } from './affine.ts';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, colorJitter } from './color.ts';
import {
  cropImage,
  cutout,
  flipHorizontally,
  flipVertically,
  randomCrop,
  randomFlip,
  randomShift,
} from './flips-and-crops.ts';
import { composeAugmentations, type Augmentation, type Border, type ImageArray } from './image-array.ts';
import { mixUp } from './mix-up.ts';
import { frequencyMask, timeMask } from './sequences.ts';

interface Reference {
  readonly height: number;
  readonly width: number;
  readonly colors: number[];
  readonly affine: { transform: AffineTransform; border: Border; values: number[] }[];
  readonly hue: { turn: number; values: number[] }[];
  readonly brightness: { factor: number; values: number[] }[];
  readonly contrast: { factor: number; values: number[] }[];
  readonly saturation: { factor: number; values: number[] }[];
}
const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference;
const { height, width } = reference;
const bytes: ImageArray<Uint8Array> = { values: Uint8Array.from(reference.colors), height, width, channels: 3 };
const floats: ImageArray<Float32Array> = {
  ...bytes,
  values: Float32Array.from(reference.colors, (byte) => byte / 255),
};

function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return largest(Array.from(found, (value, index) => Math.abs(value - expected[index]!)));
}

const small = (...values: number[]): ImageArray<Uint8Array> => ({
  values: Uint8Array.from(values),
  height: 2,
  width: values.length / 2,
  channels: 1,
});

describe('flips and crops', () => {
  it('swap left and right, or top and bottom', () => {
    expect([...flipHorizontally(small(1, 2, 3, 4, 5, 6)).values]).toEqual([3, 2, 1, 6, 5, 4]);
    expect([...flipVertically(small(1, 2, 3, 4, 5, 6)).values]).toEqual([4, 5, 6, 1, 2, 3]);
    expect([...flipHorizontally(bytes).values.subarray(0, 3)]).toEqual([...bytes.values.subarray(24, 27)]);
  });

  it.each([
    [9, [9, 9, 9, 9, 9, 9, 1, 2, 3, 9, 9, 4, 5, 6, 9, 9, 9, 9, 9, 9]],
    ['edge', [1, 1, 2, 3, 3, 1, 1, 2, 3, 3, 4, 4, 5, 6, 6, 4, 4, 5, 6, 6]],
    ['reflect', [5, 4, 5, 6, 5, 2, 1, 2, 3, 2, 5, 4, 5, 6, 5, 2, 1, 2, 3, 2]],
  ] as const)('cuts beyond the edge: %s', (border, expected) => {
    const window = { top: -1, left: -1, height: 4, width: 5 };
    expect([...cropImage(small(1, 2, 3, 4, 5, 6), window, border).values]).toEqual(expected);
  });

  it('reach every window of the padded image and no other', () => {
    const random = RandomStream.fromSeed(3);
    const found = new Set<string>();
    const cut = randomCrop({ height: 2, width: 2, padding: 1 });
    for (let draw = 0; draw < 400; draw++) found.add([...cut(small(1, 2, 3, 4), random).values].join(''));
    expect([...found].sort()).toEqual(['0001', '0012', '0020', '0103', '1234', '2040', '0300', '3400', '4000'].sort());
    expect(() => randomCrop({ height: 4, width: 4 })(bytes, random)).not.toThrow();
    expect(() => randomCrop({ height: 9, width: 9, padding: 1 })(bytes, random)).toThrow(
      'randomCrop: expected a picture of at least 9 × 9 with its padding, got 6 × 9 and padding 1',
    );
  });

  it('shift by up to the maximum', () => {
    const random = RandomStream.fromSeed(3);
    const shift = randomShift(0, 1);
    const found = new Set(Array.from({ length: 50 }, () => [...shift(small(1, 2, 3, 4), random).values].join('')));
    expect([...found].sort()).toEqual(['0103', '1234', '2040']);
  });

  it('cutout fills a square, which may lie partly outside', () => {
    const random = RandomStream.fromSeed(5);
    const counts = new Set<number>();
    for (let draw = 0; draw < 500; draw++) {
      const { values } = cutout(3, 7)({ ...bytes, values: new Uint8Array(bytes.values.length) }, random);
      counts.add(values.filter((value) => value === 7).length / 3);
    }
    expect([...counts].sort((a, b) => a - b)).toEqual([4, 6, 9]);
  });

  it('flip with the given probability', () => {
    const random = RandomStream.fromSeed(1);
    const flip = randomFlip('horizontal', 0.3);
    let flipped = 0;
    for (let draw = 0; draw < 2000; draw++) if (flip(small(1, 2, 3, 4), random).values[0] === 2) flipped++;
    expect(flipped / 2000).toBeCloseTo(0.3, 1);
  });
});

describe('affine', () => {
  it.each(reference.affine)('matches SciPy: $transform, border $border', ({ transform, border, values }) => {
    expect(largestDifference(affineImage(floats, transform, border).values, values)).toBeLessThan(2e-6);
    const ofBytes = affineImage(bytes, transform, typeof border === 'number' ? border * 255 : border).values;
    expect(
      largestDifference(
        ofBytes,
        values.map((value) => value * 255),
      ),
    ).toBeLessThan(0.51);
  });

  it('keeps an image under the identity, and draws parameters uniformly within their limits', () => {
    expect(affineImage(bytes, {}).values).toEqual(bytes.values);
    const random = RandomStream.fromSeed(2);
    expect(randomAffine({})(bytes, random).values).toEqual(bytes.values);
    const turns = randomAffine({ maxRotationInDegrees: 20, maxTranslation: 0.1, scale: [0.5, 2] });
    expect(turns(bytes, random).values).not.toEqual(turns(bytes, random).values);
    expect(() => randomAffine({ scale: [0, 1] })).toThrow('randomAffine: expected a scale above 0');
  });
});

describe('colors', () => {
  it.each(reference.hue)('rotate hues like colorsys: $turn', ({ turn, values }) => {
    expect(largestDifference(adjustHue(floats, turn).values, values)).toBeLessThan(2e-6);
  });

  it.each([
    ['brightness', adjustBrightness],
    ['contrast', adjustContrast],
    ['saturation', adjustSaturation],
  ] as const)('changes %s as Pillow, which rounds its grays', (name, adjust) => {
    for (const { factor, values } of reference[name])
      expect(largestDifference(adjust(bytes, factor).values, values)).toBeLessThanOrEqual(1);
  });

  it('keep gray images gray and opacity unchanged', () => {
    expect(adjustHue(small(1, 200), 0.5).values).toEqual(Uint8Array.of(1, 200));
    expect(adjustSaturation(small(1, 200), 0).values).toEqual(Uint8Array.of(1, 200));
    const seeThrough = { values: Uint8Array.of(100, 50, 0, 7), height: 1, width: 1, channels: 4 };
    expect([...adjustBrightness(seeThrough, 2).values]).toEqual([200, 100, 0, 7]);
  });

  it('do nothing at strength 0, stay between black and white, and apply in every order', () => {
    const random = RandomStream.fromSeed(9);
    expect(colorJitter({})(bytes, random)).toBe(bytes);
    const jitter = colorJitter({ brightness: 0.9, contrast: 0.9, saturation: 0.9, hue: 0.5 });
    for (let draw = 0; draw < 20; draw++)
      expect(jitter(floats, random).values.every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});

describe('every augmentation', () => {
  const all: readonly (readonly [string, Augmentation])[] = [
    ['flip', randomFlip('horizontal')],
    ['crop', randomCrop({ height: 4, width: 4, padding: 2, border: 'reflect' })],
    ['shift', randomShift(2, 2)],
    ['cutout', cutout(3)],
    ['affine', randomAffine({ maxRotationInDegrees: 30, scale: [0.8, 1.2] })],
    ['colors', colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 })],
    ['all', composeAugmentations(randomFlip('vertical'), randomShift(1, 1), colorJitter({ brightness: 0.5 }))],
  ];
  it.each(all)('%s depends only on image and seed, and keeps its input unmodified and its type', (_, augmentation) => {
    const before = floats.values.slice();
    const draw = (seed: number) => augmentation(floats, RandomStream.fromSeed(seed));
    const results = [1, 2, 3, 4, 5, 6].map(draw);
    expect([1, 2, 3, 4, 5, 6].map(draw)).toEqual(results);
    expect(new Set(results.map(({ values }) => values.join())).size).toBeGreaterThan(1);
    expect(floats.values).toEqual(before);
    expect(augmentation(bytes, RandomStream.fromSeed(1)).values).toBeInstanceOf(Uint8Array);
    expect(() => augmentation({ ...floats, channels: 2 }, RandomStream.fromSeed(4))).toThrow(
      'expected 108 values for a picture [6, 9, 2], got 162',
    );
  });

  it('maps a dataset', async () => {
    const pictures = Dataset.from([bytes, bytes]).map(
      composeAugmentations(randomShift(2, 2), cutout(2)),
      RandomStream.fromSeed(1),
    );
    const [first, second] = await pictures.toArray();
    expect(first!.values).not.toEqual(second!.values);
    expect((await pictures.toArray())[0]).toEqual(first);
  });
});

describe('mixUp', () => {
  const first = { values: Float32Array.of(1, 0), target: Float32Array.of(1, 0, 0) };
  const second = { values: Float32Array.of(0, 2), target: Float32Array.of(0, 0, 1) };

  it('blends values and targets by the same fraction', () => {
    const { values, target } = mixUp(first, second, RandomStream.fromSeed(1), 1);
    const share = target[0]!;
    expect(largestDifference(target, [share, 0, 1 - share])).toBeLessThan(1e-7);
    expect(largestDifference(values, [share, 2 * (1 - share)])).toBeLessThan(2e-7);
    const ofBytes = mixUp(
      { ...first, values: Uint8Array.of(255) },
      { ...second, values: Uint8Array.of(0) },
      RandomStream.fromSeed(1),
      1,
    );
    expect(ofBytes.values).toEqual(Uint8Array.of(Math.round(255 * share)));
    expect(() => mixUp(first, { ...second, values: Float32Array.of(1) }, RandomStream.fromSeed(1))).toThrow(
      'mixUp: expected examples of equal size, got 2 and 1 values',
    );
  });

  // Beta(α, α) has mean 1/2 and variance 1 / (4 (2α + 1)).
  it.each([0.2, 1, 4])('draws its fraction from Beta(α, α), α = %d', (alpha) => {
    const random = RandomStream.fromSeed(11);
    const shares = Array.from({ length: 20_000 }, () => mixUp(first, second, random, alpha).target[0]!);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(() => mixUp(first, second, random, 0)).toThrow('mixUp: expected alpha above 0, got 0');
  });
});

describe('masks', () => {
  const ones = new Float32Array(20 * 6).fill(1);
  const masked = (values: Float32Array) =>
    Array.from({ length: 20 }, (_, step) => [...values.subarray(step * 6, step * 6 + 6)]);

  it('mask whole steps, with every length up to the maximum', () => {
    const random = RandomStream.fromSeed(2);
    const lengths = new Set<number>();
    for (let draw = 0; draw < 200; draw++) {
      const steps = masked(timeMask(ones, 6, random, { maxLength: 3 }));
      const hidden = steps.flatMap((step, index) => (step.every((value) => value === 0) ? [index] : []));
      expect(steps.flat().filter((value) => value === 0).length).toBe(hidden.length * 6);
      if (hidden.length > 0) expect(hidden.at(-1)! - hidden[0]!).toBe(hidden.length - 1);
      lengths.add(hidden.length);
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3]);
    expect(ones.every((value) => value === 1)).toBe(true);
  });

  it('mask the same features at every step', () => {
    const steps = masked(frequencyMask(ones, 6, RandomStream.fromSeed(4), { maxLength: 6, count: 2, fill: -1 }));
    expect(steps[0]).toContain(-1);
    expect(steps.every((step) => step.join() === steps[0]!.join())).toBe(true);
    expect(() => timeMask(ones, 7, RandomStream.fromSeed(4), { maxLength: 1 })).toThrow(
      'mask: expected steps of 7 features, got 120 values',
    );
  });
});
