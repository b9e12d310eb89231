import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { eigenfaces, fisherfaces, grayVectors } from './linear-faces.ts';
import { allPairs, nearnessOf, type PictureVectors } from './pairs.ts';
import { Roc } from './roc.ts';

/** Euclidean length. */
const lengthOf = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));

/** People who differ along two axes, in pictures that differ far more along a third. */
function disturbed(count: number, pictures: number, seed: number): PictureVectors {
  const width = 12;
  const numbers = RandomNumbers.fromSeed(seed);
  const people = Int32Array.from({ length: count * pictures }, (_, place) => Math.floor(place / pictures));
  const traits = numbers.normalValues(2 * count);
  const values = numbers.normalValues(people.length * width, 0, 0.1);
  for (const [place, person] of people.entries()) {
    values[place * width]! += traits[2 * person]!;
    values[place * width + 1]! += traits[2 * person + 1]!;
    values[place * width + 2]! += 3 * numbers.normalValues(1)[0]!;
  }
  return { values, width, people };
}

describe('grayVectors', () => {
  it('have mean 0 and length 1, of the luminance', () => {
    const squares = Uint8Array.from({ length: 2 * 4 * 3 }, (_, at) => (37 * at) % 256);
    const { values, width } = grayVectors({ squares, size: 2, people: Int32Array.of(0, 1) });
    expect(width).toBe(4);
    for (const row of [values.subarray(0, 4), values.subarray(4)]) {
      expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
      expect(lengthOf(row)).toBeCloseTo(1, 6);
    }
    const gray = Array.from({ length: 4 }, (_, pixel) => {
      const [red, green, blue] = squares.subarray(3 * pixel, 3 * pixel + 3);
      return 0.299 * red! + 0.587 * green! + 0.114 * blue!;
    });
    const mean = gray.reduce((sum, value) => sum + value, 0) / 4;
    const length = lengthOf(gray.map((value) => value - mean));
    for (const [pixel, value] of gray.entries()) expect(values[pixel]).toBeCloseTo((value - mean) / length, 5);
  });

  it('of an even picture are 0', () => {
    const { values } = grayVectors({ squares: new Uint8Array(12).fill(9), size: 2, people: Int32Array.of(0) });
    expect([...values].every((value) => Math.abs(value) < 1e-6)).toBe(true);
  });
});

describe('eigenfaces', () => {
  it('keep the directions of most variance, and distances along them', () => {
    const fitted = disturbed(20, 4, 1);
    const projected = eigenfaces(fitted)(fitted);
    expect(projected.width).toBe(3);
    // The first is the third axis, whatever its sign.
    const means = Array.from({ length: 80 }, (_, row) => fitted.values[row * 12 + 2]!);
    const firsts = Array.from({ length: 80 }, (_, row) => projected.values[row * 3]!);
    const centered = (values: readonly number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.map((value) => value - mean);
    };
    const [a, b] = [centered(means), centered(firsts)];
    const correlation = a.reduce((sum, value, at) => sum + value * b[at]!, 0) / (lengthOf(a) * lengthOf(b));
    expect(Math.abs(correlation)).toBeGreaterThan(0.99);
  });
});

describe('fisherfaces', () => {
  it('are finite where nobody has two pictures', () => {
    const fitted = disturbed(5, 1, 1);
    const { values } = fisherfaces(fitted)(fitted);
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
  });

  it('tell people apart where eigenfaces see what disturbs them', () => {
    const [fitted, test] = [disturbed(40, 4, 1), disturbed(40, 4, 2)];
    const rate = (vectors: PictureVectors) => new Roc(allPairs(vectors.people, nearnessOf(vectors))).equalError().rate;
    expect(rate(eigenfaces(fitted)(test))).toBeGreaterThan(0.3);
    expect(rate(fisherfaces(fitted)(test))).toBeLessThan(0.15);
  });
});
