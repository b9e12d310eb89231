import { describe, expect, it } from 'vitest';
import { wilsonInterval } from './wilson.ts';

describe('wilsonInterval', () => {
  it.each([
    [5, 10],
    [995, 1000],
    [19_911, 20_000],
    [1, 3],
  ])('ends where %i of %i lie 1.96 standard errors away', (successes, trials) => {
    const share = successes / trials;
    for (const end of wilsonInterval(successes, trials))
      expect(Math.abs(share - end) / Math.sqrt((end * (1 - end)) / trials)).toBeCloseTo(1.959964, 5);
  });

  it('stays within [0, 1], and has width, where all or none succeeded', () => {
    expect(wilsonInterval(0, 50)[0]).toBe(0);
    expect(wilsonInterval(50, 50)[1]).toBe(1);
    expect(wilsonInterval(50, 50)[0]).toBeCloseTo(0.928652, 6); // n / (n + z²)
  });

  it('refuses invalid counts', () => {
    expect(() => wilsonInterval(3, 2)).toThrow('expected 0 to 2 successes of at least 1 trial, got 3');
    expect(() => wilsonInterval(0, 0)).toThrow('at least 1 trial');
  });
});
