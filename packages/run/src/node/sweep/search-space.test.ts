import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineConfig } from '../../config/config.ts';
import { largest, smallest } from '../../statistics/extremes.ts';
import { listPoints, type SearchSpace } from './search-space.ts';

const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      kind: z.enum(['dense', 'wide']).default('dense').describe('a choice'),
      sizes: z.array(z.int()).default([1]).describe('a list'),
      latent: z.int().min(1).default(20).describe('an integer'),
    }),
    rate: z.number().positive().nullable().default(0.1).describe('a number'),
  }),
  { fast: {} },
);
const points = (space: Partial<SearchSpace>) =>
  listPoints(config, { grid: [], random: [], runs: undefined, seed: 0, ...space });

it('a grid is every combination, with lists as single values', () => {
  expect(points({ grid: ['model.sizes=[32, 64],[8]', 'rate=1e-3,null,1e-3'] })).toEqual([
    { 'model.sizes': '[32, 64]', rate: '1e-3' },
    { 'model.sizes': '[32, 64]', rate: 'null' },
    { 'model.sizes': '[8]', rate: '1e-3' },
    { 'model.sizes': '[8]', rate: 'null' },
  ]);
});

it('draws lie in their ranges, uniform, logarithmic or from a list, and repeat for a seed', () => {
  const random = ['model.latent=8..11', 'rate=log:1e-4..1e-1', 'model.kind=dense,wide'];
  const drawn = points({ random, runs: 2000 });
  expect(drawn).toHaveLength(2000);
  const latents = drawn.map((point) => Number(point['model.latent']));
  // All integers are equally likely, both ends included: 500 of each, within six standard deviations of 19.
  for (const value of [8, 9, 10, 11]) {
    expect(Math.abs(latents.filter((each) => each === value).length - 500)).toBeLessThan(116);
  }
  const rates = drawn.map(({ rate }) => Number(rate));
  expect(smallest(rates)).toBeGreaterThanOrEqual(1e-4);
  expect(largest(rates)).toBeLessThanOrEqual(1e-1);
  // A third in each decade.
  expect(Math.abs(rates.filter((rate) => rate < 1e-3).length - 667)).toBeLessThan(127);
  expect(new Set(drawn.map((point) => point['model.kind']))).toEqual(new Set(['dense', 'wide']));

  expect(points({ random, runs: 50 })).toEqual(drawn.slice(0, 50));
  expect(points({ random, runs: 50, seed: 1 })).not.toEqual(drawn.slice(0, 50));
  const uniform = points({ random: ['rate=1..3'], runs: 500 }).map(({ rate }) => Number(rate));
  expect(uniform.reduce((sum, value) => sum + value, 0) / 500).toBeCloseTo(2, 0);
});

it('draws take the points of a grid in turn, and no point comes twice', () => {
  const mixed = points({ grid: ['model.kind=dense,wide'], random: ['rate=0.1..0.2'], runs: 5 });
  expect(mixed.map((point) => point['model.kind'])).toEqual(['dense', 'wide', 'dense', 'wide', 'dense']);
  expect(points({ random: ['model.latent=1..2'], runs: 50 })).toHaveLength(2);
  expect(points({ random: ['rate=1..2'] })).toHaveLength(10);
});

it.each([
  [{}, 'sweep: expected --grid or --random with a field to search, got neither'],
  [{ grid: ['rate'] }, '--grid: expected key.path=values, got "rate"'],
  [{ grid: ['rates=1,2'] }, '--grid: unknown key "rates"; did you mean "rate"?'],
  [{ grid: ['rate=1,,2'] }, '--grid: rate expected value,value,…, got "1,,2"'],
  [{ grid: ['rate=1'], random: ['rate=1..2'] }, 'sweep: "rate" is searched twice; expected each field once'],
  [{ grid: ['rate=1,2'], runs: 3 }, '--runs: expected only with --random; the grid has 2 points'],
  [{ random: ['rate=2..1'] }, '--random: rate expected low..high with low < high, got "2..1"'],
  [{ random: ['rate=log:0..1'] }, '--random: rate expected low..high with 0 < low < high, got "log:0..1"'],
  [{ random: ['model.kind=1..2'] }, '--random: model.kind expected one of dense, wide, as value,value,…, got "1..2"'],
  [{ random: ['rate=1..2'], runs: 10_001 }, 'sweep: expected at most 10000 runs, got 10001'],
] as const)('refuses %j', (space, message) => {
  expect(() => points(space)).toThrow(message);
});
