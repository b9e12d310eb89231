import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@motley/core';
import { PowerGrid } from '@motley/core/generators';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forecastErrors } from './errors.ts';
import { loadPowerGrid, writePowerGrid } from './power-grid-files.ts';
import { generatePowerGrid, structuralImbalance, withoutStructuralImbalance } from './power-grid.ts';
import { forecastStarts } from './split.ts';

const rootMeanSquare = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

describe('generatePowerGrid', () => {
  const { series, optimum, noiseFloor } = generatePowerGrid(3, 288 * 60);

  it('has steps of five minutes, and plans but not regulation known ahead', () => {
    expect([series.frequency, series.length, series.target.length]).toEqual([
      { kind: 'seconds', step: 300 },
      17_280,
      17_280,
    ]);
    expect(series.startTime).toBe(Date.parse('2019-01-07T00:00:00Z') / 1000);
    expect(series.knownAhead).toEqual(['hydro', 'micro', 'river', 'thermal', 'wind', 'total', 'flow']);
    expect(Object.keys(series.covariates)).toContain('sys_reg');
  });

  it('is a function of its seed', () => {
    expect(generatePowerGrid(3, 50).series).toEqual(generatePowerGrid(3, 50).series);
    expect(generatePowerGrid(4, 50).series.target).not.toEqual(generatePowerGrid(3, 50).series.target);
  });

  it('has an optimum that reaches the noise floor', () => {
    const starts = forecastStarts({ from: 1, to: series.length }, { horizon: 24 }, series);
    const { rootMeanSquaredErrors } = forecastErrors(optimum, series, starts, 24);
    for (const ahead of [1, 12, 24]) expect(rootMeanSquaredErrors[ahead - 1]! / noiseFloor(ahead)).toBeCloseTo(1, 1);
  });
});

describe('structural imbalance', () => {
  it('recovers what the generator added, except for curvature within an hour', () => {
    const random = RandomStream.fromSeed(3).fork('power grid');
    const { parts } = new PowerGrid().draw(random, 288 * 30);
    const { series } = generatePowerGrid(3, 288 * 30);
    const found = structuralImbalance(series);
    // The first and last hours have no neighbour beyond them.
    const inner = (values: Float64Array): Float64Array => values.slice(24, -24);
    const left = inner(found).map((value, step) => value - inner(parts.structural)[step]!);
    expect(rootMeanSquare(inner(parts.structural))).toBeGreaterThan(10);
    expect(rootMeanSquare(left)).toBeLessThan(0.1 * rootMeanSquare(inner(parts.structural)));
    const altered = withoutStructuralImbalance(series);
    expect(altered.target[500]).toBe(series.target[500]! - found[500]!);
    expect(rootMeanSquare(altered.target)).toBeLessThan(rootMeanSquare(series.target));
  });

  it('does not depend on where in the hour the series begins', () => {
    const { series } = generatePowerGrid(3, 288 * 3);
    const later = {
      ...series,
      startTime: series.startTime! + 7 * 300,
      length: series.length - 7,
      target: series.target.slice(7),
      covariates: Object.fromEntries(
        Object.entries(series.covariates).map(([name, values]) => [name, values.slice(7)]),
      ),
    };
    const [whole, part] = [structuralImbalance(series), structuralImbalance(later)];
    // An end is felt less by a factor of four for each hour between.
    for (const step of [200, 400, 600]) expect(part[step - 7]).toBeCloseTo(whole[step]!, 5);
  });

  it('is zero where plans are linear', () => {
    const { series } = generatePowerGrid(3, 144);
    const total = series.target.map((_, step) => 5 * step);
    const flow = total.map((value) => -value);
    for (const value of structuralImbalance({ ...series, covariates: { total, flow } }))
      expect(value).toBeCloseTo(0, 6);
  });

  it('refuses a series without plans, or shorter than an hour', () => {
    const { series } = generatePowerGrid(3, 24);
    expect(() => structuralImbalance({ ...series, covariates: { total: series.target } })).toThrow(
      'expected columns total and flow for the structural imbalance, got total',
    );
    const short = generatePowerGrid(3, 3).series;
    expect(() => structuralImbalance(short)).toThrow('expected at least the middle of an hour, got 3 steps');
  });
});

describe('files of the course', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-grid-'));
    path = join(folder, 'no1.csv');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are read back as they were written', async () => {
    const { series, columns } = generatePowerGrid(3, 600);
    await writePowerGrid(path, columns);
    expect(await readFile(path, 'utf8')).toMatch(
      /^start_time,hydro,micro,river,thermal,wind,total,sys_reg,flow,y\n2019-01-07 00:00:00,/,
    );
    const loaded = await loadPowerGrid(path);
    expect(loaded).toMatchObject({ series: { ...series, name: path }, filledSteps: 0, filledValues: 0 });
  });

  it('are read in any column order, and refused if a column is missing', async () => {
    await writeFile(
      path,
      'start_time,hydro,micro,thermal,wind,river,total,y,sys_reg,flow\n' +
        '2021-03-01 03:30:00,1942.49,191.881,20.1,106.431,0.0,2266.102,52.119594740869935,0.0,-2252.9\n' +
        '2021-03-01 03:35:00,1942.49,191.881,20.1,106.431,0.0,2266.102,90.37454087734535,0.0,-2252.9\n',
    );
    const { series } = await loadPowerGrid(path);
    const { frequency, target, covariates } = series;
    expect([frequency, target[1], covariates.flow![0]]).toEqual([
      { kind: 'seconds', step: 300 },
      90.37454087734535,
      -2252.9,
    ]);
    await writeFile(path, 'start_time,hydro,micro,thermal,wind,river,total,y,flow\n');
    await expect(loadPowerGrid(path)).rejects.toThrow(
      new UserError(
        `${path}: row 1: expected a column "sys_reg", found none; expected one of start_time, hydro, micro, thermal, wind, river, total, y, flow`,
      ),
    );
  });
});
