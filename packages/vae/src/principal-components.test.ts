import { RandomStream } from '@motley/core';
import { describe, expect, it } from 'vitest';
import { projectOnPlane } from './principal-components.ts';

describe('projectOnPlane', () => {
  it('finds the directions that points were stretched along', () => {
    const count = 500;
    const noise = RandomStream.fromSeed(1).normalValues(count * 3);
    // Deviations 5 along (3, 0, 4)/5, 2 along (0, 1, 0), 0.1 along (-4, 0, 3)/5, around (7, 8, 9).
    const points = new Float64Array(count * 3);
    const [first, second]: [number[], number[]] = [[], []];
    for (let row = 0; row < count; row++) {
      const [a, b, c] = [5 * noise[3 * row]!, 2 * noise[3 * row + 1]!, 0.1 * noise[3 * row + 2]!];
      points.set([7 + 0.6 * a - 0.8 * c, 8 + b, 9 + 0.8 * a + 0.6 * c], 3 * row);
      first.push(a);
      second.push(b);
    }
    const { x, y, explained } = projectOnPlane(points, count, 3);
    expect(explained[0]).toBeGreaterThan(0.8);
    expect(explained[0] + explained[1]).toBeGreaterThan(0.99);
    expect(Math.abs(correlation(x, first))).toBeGreaterThan(0.999);
    expect(Math.abs(correlation(y, second))).toBeGreaterThan(0.999);
    expect(correlation(x, Array.from(y))).toBeCloseTo(0, 6);
  });
});

function correlation(a: Float64Array, b: readonly number[]): number {
  const centred = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [x, y] = [centred(Array.from(a)), centred(b)];
  const dot = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}
