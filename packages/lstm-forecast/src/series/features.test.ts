import { RandomStream } from '@motley/core';
import { describe, expect, it } from 'vitest';
import { calendarFeatures, fitBounds, fitScaler, lagged, withCovariates, withoutOutliers } from './features.ts';
import type { Series } from './series.ts';

function hourly(length: number, start: string): Series {
  return {
    name: 'hours',
    frequency: { kind: 'seconds', step: 3600 },
    startTime: Date.parse(start) / 1000,
    length,
    target: Float64Array.from(RandomStream.fromSeed(2).normalValues(length)),
    covariates: {},
    knownAhead: [],
  };
}

describe('calendarFeatures', () => {
  // A Monday.
  const series = hourly(24 * 400, '2018-01-01T00:00:00Z');
  const features = calendarFeatures(series, ['day', 'week', 'year']);

  it('have a period of a day, a week and a year, from midnight, Monday and about New Year', () => {
    expect(Object.keys(features)).toEqual([
      'day_sine',
      'day_cosine',
      'week_sine',
      'week_cosine',
      'year_sine',
      'year_cosine',
    ]);
    const angle = (cycle: string, hour: number): number =>
      Math.atan2(features[`${cycle}_sine`]![hour]!, features[`${cycle}_cosine`]![hour]!);
    expect(angle('day', 48)).toBeCloseTo(0, 6);
    expect(angle('day', 6)).toBeCloseTo(Math.PI / 2, 6);
    expect(angle('week', 0)).toBeCloseTo(0, 6);
    expect(angle('week', 84)).toBeCloseTo(Math.PI, 6);
    expect(angle('week', 7 * 24 * 5 + 42)).toBeCloseTo(Math.PI / 2, 6);
    expect(Math.abs(angle('year', 0))).toBeLessThan((2 * Math.PI) / 365);
    expect(angle('year', 24 * 91)).toBeCloseTo(Math.PI / 2, 1);
  });

  it('have harmonics, named by their number', () => {
    const waves = calendarFeatures(series, ['day'], 3);
    const places = ['', '_2', '_3'].flatMap((place) => [`day_sine${place}`, `day_cosine${place}`]);
    expect(Object.keys(waves)).toEqual(places);
    expect(waves.day_sine).toEqual(features.day_sine);
    expect(waves.day_cosine_3![4]).toBeCloseTo(-1, 9);
    expect(waves.day_sine_2![3]).toBeCloseTo(1, 9);
  });

  it('do not jump at midnight', () => {
    const jumps = Object.values(features).flatMap((column) =>
      Array.from(column.subarray(1), (value, step) => Math.abs(value - column[step]!)),
    );
    // An hour is a 24th of the fastest circle.
    expect(jumps.reduce((most, jump) => Math.max(most, jump), 0)).toBeLessThan((2 * Math.PI) / 24);
  });
});

describe('columns', () => {
  const series = hourly(200, '2018-01-01T00:00:00Z');

  it('are lagged and added', () => {
    expect([...lagged(Float64Array.of(1, 2, 3, 4), 2)]).toEqual([1, 1, 1, 2]);
    const richer = withCovariates(series, { before: lagged(series.target, 24) }, { knownAhead: true });
    expect(richer.covariates.before![30]).toBe(series.target[6]);
    expect(richer.knownAhead).toEqual(['before']);
    expect(withCovariates(richer, { other: series.target }, { knownAhead: false }).knownAhead).toEqual(['before']);
  });

  it('are clipped by quantiles of the training part alone', () => {
    const values = Float64Array.from({ length: 300 }, (_, step) => (step < 101 ? step : 1e6));
    expect(fitBounds(values, { from: 0, to: 101 }, 0.05)).toEqual({ minimum: 5, maximum: 95 });
    const { target } = withoutOutliers({ ...series, target: values }, fitBounds(values, { from: 0, to: 101 }, 0.05));
    expect([target[0], target[50], target[100], target[299]]).toEqual([5, 50, 95, 95]);
    const linear = fitBounds(Float64Array.of(0, 1, 2), { from: 0, to: 3 }, 0.25);
    expect(linear).toEqual({ minimum: 0.5, maximum: 1.5 });
  });

  it('are scaled by the training part alone', () => {
    const column = Float64Array.of(1, 3, 100, -100);
    const other = Float64Array.of(0, 10, 20, 30);
    const scaler = fitScaler('min-max', [column, other], { from: 0, to: 2 });
    expect(scaler.offsets).toEqual([1, 0]);
    expect(scaler.scales).toEqual([2, 10]);
  });
});
