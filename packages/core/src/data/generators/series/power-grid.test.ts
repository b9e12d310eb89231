import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../random/random-stream.ts';
import { PowerGrid } from './power-grid.ts';

const WEEK = 7 * 288;
const random = RandomStream.fromSeed(31);
const grid = new PowerGrid();
const { series, parts } = grid.draw(random, 26 * WEEK);
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const rootMeanSquare = (values: ArrayLike<number>): number =>
  Math.sqrt(mean(Array.from(values, (value) => value ** 2)));

describe('PowerGrid', () => {
  it('has the columns of the published files, every five minutes', () => {
    expect(Object.keys(series)).toEqual([
      'start_time',
      'hydro',
      'micro',
      'river',
      'thermal',
      'wind',
      'total',
      'sys_reg',
      'flow',
      'y',
    ]);
    expect(series.start_time.slice(0, 2)).toEqual(['2019-01-07 00:00:00', '2019-01-07 00:05:00']);
    expect(series.start_time[288]).toBe('2019-01-08 00:00:00');
    for (const column of Object.values(series) as ArrayLike<unknown>[]) expect(column.length).toBe(26 * WEEK);
    const sources = [series.hydro, series.micro, series.river, series.thermal, series.wind];
    for (const time of [0, 1000, 50_000]) {
      expect(series.total[time]).toBeCloseTo(
        sources.reduce((sum, source) => sum + source[time]!, 0),
        2,
      );
      expect(sources.every((source) => source[time]! >= 0)).toBe(true);
    }
  });

  it('plans the mean consumption of each hour, so that the structural part averages to zero', () => {
    for (let hour = 0; hour < 400; hour++) {
      expect(new Set(series.total.subarray(hour * 12, hour * 12 + 12)).size).toBe(1);
      expect(Math.abs(mean(parts.structural.subarray(hour * 12, hour * 12 + 12)))).toBeLessThan(1e-9);
    }
    expect(rootMeanSquare(parts.structural)).toBeGreaterThan(5);
  });

  it('has daily, weekly and yearly seasons', () => {
    const planned = series.total.map((value, time) => value - series.flow[time]!);
    const over = (from: number, to: number) => mean(planned.subarray(from, to));
    expect(over(0, 5 * 288)).toBeGreaterThan(over(5 * 288, WEEK) + 50);
    expect(over(0, WEEK)).toBeGreaterThan(over(25 * WEEK, 26 * WEEK) + 300);
    const correlation = (lag: number): number => {
      const [a, b] = [planned.slice(0, 4 * WEEK), planned.slice(lag, 4 * WEEK + lag)];
      const [meanA, meanB] = [mean(a), mean(b)];
      const product = mean(a.map((value, time) => (value - meanA) * (b[time]! - meanB)));
      return product / (rootMeanSquare(a.map((v) => v - meanA)) * rootMeanSquare(b.map((v) => v - meanB)));
    };
    expect(correlation(288)).toBeGreaterThan(0.8);
    expect(correlation(WEEK)).toBeGreaterThan(correlation(288));
    expect(correlation(144)).toBeLessThan(0.3);
  });

  it('switches regimes and adds outliers at their rates', () => {
    const switches = parts.regime.reduce(
      (sum, level, time) => sum + (time > 0 && level !== parts.regime[time - 1] ? 1 : 0),
      0,
    );
    // 182 days with one switch a day on average: a Poisson count.
    expect(Math.abs(switches - 182)).toBeLessThan(55);
    expect(new Set(parts.regime.map(Math.abs))).toEqual(new Set([40]));
    const outliers = parts.outlier.filter((value) => value !== 0);
    expect(outliers.length / parts.outlier.length / 0.002).toBeCloseTo(1, 0);
    expect(rootMeanSquare(outliers) / 250).toBeCloseTo(1, 0.5);
  });

  it('has parts that add up to y, and regulates only against the hour before', () => {
    for (const time of [0, 77, 40_000]) {
      const columns = Object.values<Float64Array>({ ...parts });
      const sum = columns.reduce((total, part) => total + part[time]!, 0);
      expect(series.y[time]).toBeCloseTo(sum, 3);
    }
    const hour = 12 * 200;
    const before = mean(series.y.subarray(hour - 12, hour));
    const expected = Math.abs(before) > 30 ? -Math.round(before / 5) * 5 : 0;
    expect([...series.sys_reg.subarray(hour, hour + 12)]).toEqual(new Array(12).fill(expected));
    expect(series.sys_reg.filter((value) => value !== 0).length).toBeGreaterThan(1000);
  });

  it.each([1, 6, 24])('has a noise floor that only the optimal forecast reaches, %i steps ahead', (horizon) => {
    // Outliers are too rare for a precise estimate, so data and formula leave them out.
    const noOutliers = new PowerGrid({ outlierShare: 0 });
    const truth = series.y.map((value, time) => value - parts.outlier[time]!);
    const starts = Array.from({ length: 26_000 }, (_, index) => 300 + index * 2);
    const errorOf = (forecast: (time: number) => number): number =>
      rootMeanSquare(starts.map((time) => forecast(time) - truth[time + horizon]!));
    const floor = noOutliers.noiseFloor(horizon);
    expect(Math.abs(errorOf((time) => noOutliers.optimalForecast(parts, time, horizon)) / floor - 1)).toBeLessThan(
      0.04,
    );
    expect(errorOf((time) => truth[time]!)).toBeGreaterThan(1.03 * floor);
    expect(errorOf((time) => truth[time + horizon - 288]!)).toBeGreaterThan(1.1 * floor);
    expect(grid.noiseFloor(horizon) ** 2 - floor ** 2).toBeCloseTo(0.002 * 250 ** 2, 6);
  });

  it('has the noise floor of the formula with parts disabled', () => {
    const plain = new PowerGrid({ regimeLevel: 0, outlierShare: 0, noise: 5, persistence: 0.5 });
    expect(plain.noiseFloor(1)).toBeCloseTo(5, 12);
    expect(plain.noiseFloor(2)).toBeCloseTo(5 * Math.sqrt(1.25), 12);
    expect(new PowerGrid({ outlierShare: 0, noise: 1e-9 }).noiseFloor(1e6)).toBeCloseTo(40, 6);
  });

  it('depends only on its stream, with a structural part independent of the length', () => {
    expect(grid.draw(random, 500)).toEqual(grid.draw(random, 500));
    expect(grid.draw(random.fork(1), 500).series.y).not.toEqual(grid.draw(random, 500).series.y);
    expect(grid.draw(random, 500).parts.structural).toEqual(parts.structural.slice(0, 500));
  });

  it('refuses invalid options', () => {
    expect(() => new PowerGrid({ persistence: 1 })).toThrow('expected a stationary one');
    expect(() => new PowerGrid({ outlierShare: 2 })).toThrow('expected outlierShare to be from 0 to 0.5, got 2');
    expect(() => new PowerGrid({ start: new Date('2020-01-01T00:30:00Z') })).toThrow('expected a start at a full hour');
  });
});
