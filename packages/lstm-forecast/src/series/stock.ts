import { join } from 'node:path';
import { loadSeries, type LoadedSeries } from './load.ts';

/** The NASDAQ composite's 755 trading days of 2015 to 2017; beside it in its folder are its source and licence. */
const NASDAQ = join(import.meta.dirname, '..', '..', 'data', 'nasdaq-composite-2015-2017.csv');

/**
 * A stock's or an index's volume, trading day by trading day, with its prices: columns Date, Open, High, Low, Close and
 * Volume, as on Yahoo and Kaggle. No day of trading has a volume of 0: it is taken as missing, and the last one known
 * is put in its place.
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
    steps: 'rows',
    missing: { Volume: 0 },
    name: path ?? 'volume of the NASDAQ composite',
  });
}
