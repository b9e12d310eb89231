import { join } from 'node:path';
import { loadSeries, type LoadedSeries } from './load.ts';

/** 755 trading days of the NASDAQ composite, 2015 to 2017; the folder has its source and license. */
const NASDAQ = join(import.meta.dirname, '..', '..', 'data', 'nasdaq-composite-2015-2017.csv');

/**
 * Daily volume of a stock or an index, with its prices: columns Date, Open, High, Low, Close and Volume, as on Yahoo
 * and Kaggle. Each row is a step. A volume of 0 counts as missing, and the last known volume takes its place.
 * @param path by default the NASDAQ composite
 * @throws UserError naming the file, row and column, what was expected and what was found
 */
export function loadStock(path?: string): Promise<LoadedSeries> {
  return loadSeries({
    path: path ?? NASDAQ,
    target: 'Volume',
    time: 'Date',
    covariates: ['Open', 'High', 'Low', 'Close'],
    gaps: 'previous',
    frequency: 'business-days',
    missing: { Volume: 0 },
    name: path ?? 'volume of the NASDAQ composite',
  });
}
