import { RandomStream } from '@motley/core';
import { describe, expect, it } from 'vitest';
import { projectOnPlane } from './principal-components.ts';

describe('projectOnPlane', () => {
  it('finds the directions of largest variance', () => {
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

  it('sets the second coordinate of one-dimensional points to zero', () => {
    expect(projectOnPlane([3, 5, 10], 3, 1)).toEqual({
      x: Float64Array.of(-3, -1, 4),
      y: new Float64Array(3),
      explained: [1, 0],
    });
  });

  it('fixes the signs of its directions', () => {
    const { x, y } = projectOnPlane([2, -9, -2, 9, 1, 0, -1, 0], 4, 2);
    // The directions are about (-0.2, 1), not (0.2, -1), and (1, 0.2).
    expect(x[0]).toBeLessThan(-9);
    expect(y[2]).toBeGreaterThan(0.9);
  });
});

function correlation(a: Float64Array, b: readonly number[]): number {
  const centered = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [x, y] = [centered(Array.from(a)), centered(b)];
  const dot = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}
