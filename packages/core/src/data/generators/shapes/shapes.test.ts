import { largest, smallest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../random/random-stream.ts';
import { cover } from '../coverage.ts';
import { BACKGROUND_DRAWS, BACKGROUND_NAMES, mixBackground } from './background.ts';
import { formOf, SHAPE_NAMES, type ShapeName } from './forms.ts';
import { drawShape, type Shape } from './shapes.ts';

const random = RandomStream.fromSeed(11);
const shapes = (count: number, options = {}): Shape[] =>
  Array.from({ length: count }, (_, index) => drawShape(random.fork(index), options));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const SIZE = 128;

/** Covered area, as a fraction of the enclosing circle. */
function areaOf(name: ShapeName, isFilled: boolean, radius = 48, thickness = 8, rotation = 0.3): number {
  const coverage = new Float32Array(SIZE * SIZE);
  const placement = { centerX: 63.2, centerY: 64.7, rotation, radius };
  cover(coverage, [SIZE, SIZE], formOf(name, { radius, thickness, isFilled }), placement);
  return coverage.reduce((sum, value) => sum + value, 0) / (Math.PI * radius ** 2);
}

describe('forms', () => {
  // Areas of the forms within a circle of radius 1.
  it.each([
    ['circle', Math.PI],
    ['semicircle', Math.PI / 2],
    ['triangle', (3 * Math.sqrt(3)) / 4],
    ['square', 2],
    // Ten triangles with sides 1 and 0.42 that enclose 36°.
    ['star', 5 * 0.42 * Math.sin(Math.PI / 5)],
    // A square of side 2a and two half circles of radius a, with a = 1 / 1.7836.
    ['heart', (4 + Math.PI) / 1.7836 ** 2],
  ] as const)('a filled %s has the right area in every rotation', (name, area) => {
    for (const rotation of [0, 0.3, 2, 4.4])
      expect(areaOf(name, true, 48, 8, rotation)).toBeCloseTo(area / Math.PI, 2.5);
  });

  it('strokes have the right area', () => {
    const capsule = (length: number, thickness: number): number => length * thickness + (Math.PI * thickness ** 2) / 4;
    const circle = Math.PI * 48 ** 2;
    expect(areaOf('line', false)).toBeCloseTo(capsule(88, 8) / circle, 3);
    expect(areaOf('cross', false)).toBeCloseTo((2 * capsule(88, 8) - 64) / circle, 3);
    expect(areaOf('circle', false)).toBeCloseTo((48 ** 2 - 40 ** 2) / 48 ** 2, 3);
  });

  it.each(SHAPE_NAMES)('a %s stays within its circle, and sphere tracing changes no pixel', (name) => {
    for (const isFilled of [true, false]) {
      const [radius, thickness, rotation] = [30, 5, 0.7];
      const form = formOf(name, { radius, thickness, isFilled });
      const coverage = new Float32Array(SIZE * SIZE);
      cover(coverage, [SIZE, SIZE], form, { centerX: 64, centerY: 64, rotation, radius });
      let [difference, nearest] = [0, Infinity];
      for (let row = 0; row < SIZE; row++)
        for (let column = 0; column < SIZE; column++) {
          const [x, y] = [column - 63.5, row - 63.5];
          const [cosine, sine] = [Math.cos(rotation), Math.sin(rotation)];
          const distance = form(x * cosine + y * sine, y * cosine - x * sine);
          const isBeyond = Math.hypot(x, y) > radius + 0.5;
          if (isBeyond) nearest = Math.min(nearest, distance);
          const expected = Math.min(1, Math.max(0, 0.5 - distance));
          difference = Math.max(difference, Math.abs(coverage[row * SIZE + column]! - expected));
        }
      expect(difference).toBeLessThan(1e-6);
      expect(nearest).toBeGreaterThan(0);
    }
  });

  it('are clipped at the image edges', () => {
    const coverage = new Float32Array(8 * 8);
    const form = formOf('circle', { radius: 100, thickness: 1, isFilled: true });
    cover(coverage, [8, 8], form, { centerX: 4, centerY: 4, rotation: 0, radius: 100 });
    expect(coverage.every((value) => value === 1)).toBe(true);
  });
});

describe('backgrounds', () => {
  it.each(BACKGROUND_NAMES)('%s stays between its two colors, with no step larger than its gradient', (name) => {
    const mix = new Float32Array(64 * 48).fill(NaN);
    mixBackground(mix, [64, 48], name, random.fork(name).words(BACKGROUND_DRAWS));
    expect(mix.every((value) => value >= 0 && value <= 1)).toBe(true);
    const steps = Array.from(mix.subarray(1), (value, index) =>
      (index + 1) % 48 === 0 ? 0 : Math.abs(value - mix[index]!),
    );
    expect(largest(steps)).toBeLessThan(0.2);
    const spread = largest(mix) - smallest(mix);
    if (name === 'plain') expect(spread).toBe(0);
    else expect(spread).toBeGreaterThan(0.4);
  });
});

describe('drawShape', () => {
  it('is a function of its stream', () => {
    const draw = (seed: number) => drawShape(RandomStream.fromSeed(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1).image).not.toEqual(draw(2).image);
    const between = draw(1);
    drawShape(RandomStream.fromSeed(3), { imageSize: 20 });
    expect(draw(1)).toEqual(between);
  });

  it('has the documented distributions of classes, sizes, angles, noise and contrast', () => {
    const found = shapes(2000);
    const counts = SHAPE_NAMES.map((_, label) => found.filter((shape) => shape.label === label).length);
    // Expected count 200, standard deviation 13.4.
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(60);
    expect(found.every(({ name, label }) => SHAPE_NAMES[label] === name)).toBe(true);
    expect(mean(found.map(({ size }) => size / 64))).toBeCloseTo(0.6, 1.5);
    expect(mean(found.map(({ rotation }) => rotation))).toBeCloseTo(Math.PI, 0.5);
    expect(mean(found.map(({ noise }) => noise))).toBeCloseTo(0.05, 2);
    expect(found.filter(({ contrast }) => contrast < 0.3).length).toBeLessThan(40);
    for (const { size, center } of found)
      for (const place of center) expect(Math.min(place, 64 - place)).toBeGreaterThanOrEqual(size / 2 - 1e-9);
  });

  it('adds noise of the stated standard deviation', () => {
    const plain = shapes(300).filter(({ background, size }) => background === 'plain' && size < 40);
    for (const { image, noise, center } of plain) {
      // Take the corner farthest from the shape. Colors at the ends of the range are clipped.
      const [left, top] = center.map((place) => (place > 32 ? 0 : 56));
      for (let channel = 0; channel < 3; channel++) {
        const values = Array.from({ length: 64 }, (_, index) => {
          const pixel = (top! + (index >> 3)) * 64 + left! + (index & 7);
          return image[pixel * 3 + channel]!;
        });
        const level = mean(values);
        if (level < 80 || level > 175) continue;
        const deviation = Math.sqrt(mean(values.map((value) => (value - level) ** 2)));
        expect(Math.abs(deviation - 255 * noise)).toBeLessThan(255 * noise * 0.4 + 0.7);
      }
    }
    expect(plain.length).toBeGreaterThan(20);
  });

  it('draws the shape at its place with the stated contrast, within the options', () => {
    const found = shapes(60, { imageSize: 32, diameters: [0.5, 0.5], maxNoise: 0, minContrast: 0.4 });
    for (const shape of found) {
      expect(shape.image.length).toBe(32 * 32 * 3);
      expect([shape.size, shape.noise]).toEqual([16, 0]);
      if (shape.background !== 'plain' || shape.name !== 'circle' || !shape.isFilled) continue;
      const at = (x: number, y: number) => [0, 1, 2].map((channel) => shape.image[(y * 32 + x) * 3 + channel]! / 255);
      const inside = at(Math.floor(shape.center[0]), Math.floor(shape.center[1]));
      const outside = shape.center[0] > 16 ? at(0, 0) : at(31, 0);
      const distance = Math.sqrt(inside.reduce((sum, value, channel) => sum + (value - outside[channel]!) ** 2, 0) / 3);
      expect(distance).toBeCloseTo(shape.contrast, 2);
    }
  });

  it.each([
    [{ imageSize: 4 }, 'an image size of at least 8 pixels, got 4'],
    [{ diameters: [0.5, 1.2] }, 'diameters from above 0 to 1, the smaller first, got 0.5,1.2'],
    [{ thicknesses: [0.3, 0.2] }, 'the smaller first, got 0.3,0.2'],
    [{ minContrast: 0.9 }, 'a least contrast from 0 to 0.8, got 0.9'],
    [{ maxNoise: -1 }, 'a noise from 0 to 1, got -1'],
  ])('refuses %j', (options, message) => {
    expect(() => drawShape(random, options as object)).toThrow(message);
  });
});
