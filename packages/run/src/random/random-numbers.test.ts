import { describe, expect, it } from 'vitest';
import { largest, smallest } from '../statistics/extremes.ts';
import { RandomNumbers } from './random-numbers.ts';

const moments = (values: ArrayLike<number>): { mean: number; deviation: number } => {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const variance = list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length;
  return { mean, deviation: Math.sqrt(variance) };
};

describe('RandomNumbers', () => {
  it('repeats for a seed and differs between seeds and draws', () => {
    const draw = (seed: number): number[] => [...RandomNumbers.fromSeed(seed).words(8)];
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1)).not.toEqual(draw(1 + 2 ** 32));
    const stream = RandomNumbers.fromSeed(1);
    expect([...stream.words(8)]).not.toEqual([...stream.words(8)]);
  });

  it('continues exactly from a saved state', () => {
    const stream = RandomNumbers.fromSeed(3);
    stream.normalValues(7);
    const resumed = new RandomNumbers(JSON.parse(JSON.stringify(stream.state)) as typeof stream.state);
    expect([...resumed.normalValues(5)]).toEqual([...stream.normalValues(5)]);
    expect([...resumed.permutation(9)]).toEqual([...stream.permutation(9)]);
  });

  it('forks by name, whatever was drawn before', () => {
    const parent = RandomNumbers.fromSeed(5);
    const before = parent.fork('noise').words(4);
    parent.words(100);
    expect([...parent.fork('noise').words(4)]).toEqual([...before]);
    const names = ['noise', 'noisf', '', 'a longer name than one block of sixteen bytes', 1, '1', 'nöise'];
    const first = new Set(names.map((name) => parent.fork(name).words(1)[0]!));
    expect(first.size).toBe(names.length);
    expect(parent.fork('a').fork('b').state).not.toEqual(parent.fork('b').fork('a').state);
  });

  it('draws values with the moments of their distributions', () => {
    const stream = RandomNumbers.fromSeed(7);
    const uniform = stream.uniformValues(20_000, -1, 3);
    expect(moments(uniform).mean).toBeCloseTo(1, 1);
    expect(moments(uniform).deviation).toBeCloseTo(4 / Math.sqrt(12), 1);
    expect(smallest(uniform)).toBeGreaterThanOrEqual(-1);
    expect(largest(uniform)).toBeLessThan(3);
    const normal = stream.normalValues(20_001, 2, 0.5);
    expect(normal).toHaveLength(20_001);
    expect(moments(normal).mean).toBeCloseTo(2, 1);
    expect(moments(normal).deviation).toBeCloseTo(0.5, 1);
    const kurtosis = moments(normal.map((value) => ((value - 2) / 0.5) ** 4)).mean;
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.2);
  });

  it('draws integers uniformly, lower bound included, upper bound excluded', () => {
    const counts = new Map<number, number>();
    for (const value of RandomNumbers.fromSeed(9).integers(6000, -1, 2))
      counts.set(value, (counts.get(value) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([-1, 0, 1]);
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(() => RandomNumbers.fromSeed(1).integers(1, 3, 3)).toThrow('expected low < high');
  });

  it('permutes: each index once, all positions equally likely', () => {
    const stream = RandomNumbers.fromSeed(11);
    expect([...stream.permutation(100)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    const places = Array.from({ length: 4000 }, () => stream.permutation(4).indexOf(0));
    for (const place of [0, 1, 2, 3]) {
      const count = places.filter((found) => found === place).length;
      expect(Math.abs(count - 1000)).toBeLessThan(120);
    }
    expect([...stream.permutation(0)]).toEqual([]);
  });

  it('refuses invalid seeds and states', () => {
    expect(() => RandomNumbers.fromSeed(-1)).toThrow('expected an integer of at least 0, got -1');
    expect(() => RandomNumbers.fromSeed(0.5)).toThrow('got 0.5');
    expect(() => new RandomNumbers({ key: [1, Number.NaN], position: 0 })).toThrow('random state');
  });
});
