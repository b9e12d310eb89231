import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smallest } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDemand, sharedDemand } from './demand.ts';
import { timeAt } from './series.ts';
import { loadStock } from './stock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-real-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('loadStock', () => {
  it('reads 755 days of the NASDAQ composite, and fills the missing volume with that of the day before', async () => {
    const { series, filledSteps, filledValues } = await loadStock();
    expect([series.length, series.frequency, filledSteps, filledValues]).toEqual([
      755,
      { kind: 'business-days' },
      0,
      1,
    ]);
    expect([series.target[0], series.covariates.Close![754]]).toEqual([1435150000, 6903.3901]);
    const filled = Array.from(series.target.keys()).filter(
      (day) => timeAt(series, day) === Date.UTC(2015, 4, 12) / 1000,
    );
    expect(filled.map((day) => [series.target[day], series.target[day - 1]])).toEqual([[1731390000, 1731390000]]);
    expect(smallest(series.target)).toBeGreaterThan(5e8);
  });

  it("reads a user's file with further columns", async () => {
    const path = join(folder, 'tesla.csv');
    await writeFile(
      path,
      'Date,Open,High,Low,Close,Volume,Adj Close\n2015-01-02,222.87,223.25,213.26,219.31,4764400,219.31\n2015-01-05,214.55,216.5,207.16,210.09,5368500,210.09\n',
    );
    const { series } = await loadStock(path);
    expect([series.name, ...series.target]).toEqual([path, 4764400, 5368500]);
    expect(Object.keys(series.covariates)).toEqual(['Open', 'High', 'Low', 'Close']);
  });
});

describe('loadDemand', () => {
  it("reads a user's file, with working days known ahead", async () => {
    const path = join(folder, 'demand.csv');
    await writeFile(
      path,
      'start_time,Demand,WorkDay,Temperature\n2014-01-01 00:00:00,3.91,0,18.2\n2014-01-01 00:30:00,3.67,0,17.9\n',
    );
    const { series } = await loadDemand(path);
    expect([series.frequency, ...series.target]).toEqual([{ kind: 'seconds', step: 1800 }, 3.91, 3.67]);
    expect([Object.keys(series.covariates), series.knownAhead]).toEqual([['WorkDay', 'Temperature'], ['WorkDay']]);
  });

  // The license of the file keeps it out of the repository, so it is only in the shared folder.
  it.skipIf(sharedDemand() === undefined)('reads the year 2014 of Victoria', async () => {
    const { series } = await loadDemand();
    expect([series.length, series.frequency, series.target[0]]).toEqual([
      17_520,
      { kind: 'seconds', step: 1800 },
      3.91465,
    ]);
  });
});
