import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { findWorkspaceRoot } from '@motley/run/node';
import { loadSeries, type GapRule, type LoadedSeries } from './load.ts';

const FILE_NAME = 'victoria-electricity-demand-2014.csv';

/**
 * Electricity demand of Victoria in 2014, GW every half hour (Hyndman's `elecdemand`): whether it is a working day is
 * known ahead, temperature (°C) is not.
 * @param path by default the copy beside this checkout, where there is one
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

/** The copy in the folder that checkouts of a machine share; undefined where there is none. */
export function sharedDemand(): string | undefined {
  const path = join(findWorkspaceRoot(import.meta.dirname), '..', 'shared', 'data', FILE_NAME);
  return existsSync(path) ? path : undefined;
}

function missing(): never {
  throw new UserError(
    `--data: expected ${FILE_NAME}, which its licence keeps out of this package (its README says how R writes it), got none`,
  );
}
