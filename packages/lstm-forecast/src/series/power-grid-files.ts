import type { PowerGridSeries } from '@motley/core/generators';
import { writeFileAtomically } from '@motley/run/node';
import type { GapRule } from './gaps.ts';
import { loadSeries, type LoadedSeries } from './load.ts';
import { POWER_GRID_COVARIATES, POWER_GRID_PLANS } from './power-grid.ts';
import { sampleTable } from './table.ts';

/**
 * Reads a file of the course IT3030 of NTNU (`no1_train.csv`, `no1_validation.csv`), its columns in any order.
 * @throws UserError naming the file, row and column, what was expected and what was found
 */
export function loadPowerGrid(path: string, gaps: GapRule = 'error'): Promise<LoadedSeries> {
  return loadSeries({
    path,
    target: 'y',
    time: 'start_time',
    covariates: POWER_GRID_COVARIATES,
    knownAhead: POWER_GRID_PLANS,
    gaps,
  });
}

/** Whether a table has the course's columns; any other is a table of the user's own. */
export async function isPowerGridFile(path: string): Promise<boolean> {
  const { names } = await sampleTable(path);
  return ['y', 'start_time', ...POWER_GRID_COVARIATES].every((name) => names.includes(name));
}

/**
 * Writes generated columns in the format of the course's files.
 * @throws StorageError where the file cannot be written
 */
export function writePowerGrid(path: string, columns: PowerGridSeries): Promise<void> {
  const names = ['start_time', ...POWER_GRID_COVARIATES, 'y'] as const;
  const rows = columns.start_time.map((_, step) => names.map((name) => columns[name][step]).join(','));
  return writeFileAtomically(path, `${[names.join(','), ...rows].join('\n')}\n`);
}
