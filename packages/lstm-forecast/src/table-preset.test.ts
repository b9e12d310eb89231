import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POWER_GRID_COVARIATES } from './series/power-grid.ts';
import { withTablePreset } from './table-preset.ts';

describe('the preset of a table', () => {
  let folder: string;
  let table: string;
  let grid: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-table-preset-'));
    table = join(folder, 'sales.csv');
    grid = join(folder, 'no1_train.csv');
    await writeFile(table, 'month,sales\n2020-01,3\n2020-02,4\n');
    await writeFile(grid, `${['start_time', 'y', ...POWER_GRID_COVARIATES].join(',')}\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is csv for data of any kind, and for a named target', async () => {
    expect(await withTablePreset(['train', '--data', table])).toEqual(['train', '--preset', 'csv', '--data', table]);
    expect(await withTablePreset(['sweep', `--data=${table}`])).toEqual([
      'sweep',
      '--preset',
      'csv',
      `--data=${table}`,
    ]);
    expect(await withTablePreset(['train', '--target', 'y'])).toEqual(['train', '--preset', 'csv', '--target', 'y']);
  });

  it('is left alone for the data of the default, for chosen settings and for other commands', async () => {
    for (const argv of [
      ['train'],
      ['train', '--data', grid],
      ['train', '--preset', 'demand', '--data', table],
      ['train', '--config', 'own.json', '--data', table],
      ['train', '--resume', '--data', table],
      ['train', '--set', 'data.problem=stock', '--data', table],
      ['evaluate', '--data', table],
    ])
      expect(await withTablePreset(argv)).toEqual(argv);
  });

  it('names a file that is missing', async () => {
    await expect(withTablePreset(['train', '--data', join(folder, 'none.csv')])).rejects.toThrow(UserError);
  });
});
