import { describe, expect, it } from 'vitest';
import type { Frequency } from '../series/frequency.ts';
import type { Series } from '../series/series.ts';
import { KnownPart } from './known-part.ts';

const seriesOf = (frequency: Frequency, startTime: number, target: Float64Array): Series => ({
  name: 'drawn',
  frequency,
  startTime,
  length: target.length,
  target,
  covariates: {},
  knownAhead: [],
});
const monthly = { kind: 'months', step: 1 } as const;
const january2000 = Date.UTC(2000, 0) / 1000;

describe('the known part of a series', () => {
  const months = [3, -1, 2, 0, 5, -4, 1, 1, -2, 0, -3, -2];
  const target = Float64Array.from({ length: 60 }, (_, step) => months[step % 12]! + 0.3 * step + 7);
  const series = seriesOf(monthly, january2000, target);
  const profile = new KnownPart({ frequency: monthly, knownAhead: [] });
  const coefficients = profile.fit(series, target);

  it('is any profile of twelve months, beside a trend', () => {
    const values = profile.values(series, coefficients);
    const mean = months.reduce((sum, value) => sum + value, 0) / 12;
    for (let step = 0; step < 60; step++) expect(values[step]).toBeCloseTo(months[step % 12]! - mean, 4);
  });

  it('holds for a series that begins later', () => {
    const later = seriesOf(monthly, Date.UTC(2003, 4) / 1000, new Float64Array(3));
    const [whole, part] = [profile.values(series, coefficients), profile.values(later, coefficients)];
    part.forEach((value, step) => {
      expect(value).toBeCloseTo(whole[4 + step]!, 12);
    });
  });

  it('leaves out cycles that the values hold less than twice', () => {
    const daily = { kind: 'seconds', step: 86_400 } as const;
    const wave = Float64Array.from({ length: 300 }, (_, step) => Math.sin((2 * Math.PI * step) / 7));
    const fitted = new KnownPart({ frequency: daily, knownAhead: [] }).fit(seriesOf(daily, january2000, wave), wave);
    // Three waves of the week, then six of the year.
    expect(fitted.slice(0, 6).some((value) => Math.abs(value) > 0.5)).toBe(true);
    expect(Array.from(fitted.slice(6)).every((value) => value === 0)).toBe(true);
  });

  it('has the effects of covariates known ahead, and keeps their last value after the end', () => {
    const plan = Float64Array.from({ length: 40 }, (_, step) => 1e6 + ((step * step) % 7));
    const [constant, rows] = [new Float64Array(40).fill(3), { kind: 'rows' } as const];
    const values = plan.map((value, step) => 5 + 0.1 * step + 2.5 * value);
    const known = { ...seriesOf(rows, 0, values), covariates: { plan, constant }, knownAhead: ['plan', 'constant'] };
    const part = new KnownPart(known);
    const weights = part.fit(known, values.subarray(0, 30));
    expect(weights[0]).toBeCloseTo(2.5, 5);
    expect(weights[1]).toBe(0);
    const ahead = part.values(known, weights, 42);
    expect(ahead[41]).toBe(ahead[39]);
    expect(ahead[35]! - ahead[34]!).toBeCloseTo(2.5 * (plan[35]! - plan[34]!), 4);
  });

  it('has no waves for rows without dates', () => {
    expect(new KnownPart({ frequency: { kind: 'rows' }, knownAhead: [] }).size).toBe(0);
  });
});
