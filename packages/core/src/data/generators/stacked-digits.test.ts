import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../random/random-stream.ts';
import { stackDigits } from './stacked-digits.ts';

const COUNT = 20;
/** Every pixel of image i has gray level i. */
const digits = {
  images: Uint8Array.from({ length: COUNT * 784 }, (_, index) => Math.floor(index / 784)),
  labels: Uint8Array.from({ length: COUNT }, (_, index) => index % 10),
  count: COUNT,
};
const random = RandomStream.fromSeed(41);

describe('stackDigits', () => {
  it('stacks three digits as channels, labeled as one number', () => {
    const { image, label, digits: shown } = stackDigits(digits, random.fork(0));
    expect(image.length).toBe(28 * 28 * 3);
    for (const pixel of [0, 100, 783])
      expect([...image.subarray(pixel * 3, pixel * 3 + 3)].map((level) => level % 10)).toEqual([...shown]);
    expect(label).toBe(shown[0] * 100 + shown[1] * 10 + shown[2]);
  });

  it('draws the digits independently and uniformly, and depends only on its stream', () => {
    const labels = Array.from({ length: 5000 }, (_, index) => stackDigits(digits, random.fork(index)).label);
    expect(stackDigits(digits, random.fork(7)).label).toBe(labels[7]);
    // 5,000 draws from 1,000 classes miss a fraction of e⁻⁵, 6.7 classes, on average.
    expect(new Set(labels).size).toBeGreaterThan(975);
    for (const place of [1, 10, 100]) {
      const counts = new Array<number>(10).fill(0);
      for (const label of labels) counts[Math.floor(label / place) % 10]!++;
      // χ² with 9 degrees of freedom exceeds 27.9 with probability 0.001.
      expect(counts.reduce((sum, found) => sum + (found - 500) ** 2 / 500, 0)).toBeLessThan(27.9);
    }
  });
});
