import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { findWorkspaceRoot } from '@motley/run/node';
import type { GapRule } from './gaps.ts';
import { loadSeries, type LoadedSeries } from './load.ts';

const FILE_NAME = 'victoria-electricity-demand-2014.csv';

/**
 * Half-hourly electricity demand of Victoria in 2014, GW (Hyndman's `elecdemand`). Working days are known ahead,
 * temperature (°C) is not.
 * @param path by default the copy beside this checkout, if there is one
 * @throws UserError naming the file, row and column, what was expected and what was found
 */
export function loadDemand(path = sharedDemand(), gaps: GapRule = 'error'): Promise<LoadedSeries> {
  return loadSeries({
    path: path ?? missing(),
    target: 'Demand',
    time: 'start_time',
    covariates: ['WorkDay', 'Temperature'],
    knownAhead: ['WorkDay'],
    gaps,
    name: 'electricity demand of Victoria',
  });
}

/** Path of the copy in the folder that checkouts share; undefined if there is none. */
export function sharedDemand(): string | undefined {
  const path = join(findWorkspaceRoot(import.meta.dirname), '..', 'shared', 'data', FILE_NAME);
  return existsSync(path) ? path : undefined;
}

function missing(): never {
  throw new UserError(
    `--data: expected ${FILE_NAME}, whose license keeps it out of this package (data/README.md has the R code that writes it), got none`,
  );
}
