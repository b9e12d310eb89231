import type { RunRow } from '../../shared/api.ts';
import { type ChartSeries, positionOf, type SeriesStyle } from '../charts/series.ts';
import { formatValue } from '../parts/format.ts';

/** Runs that differ in their seed alone. */
export interface SeedGroup {
  readonly key: string;
  readonly label: string;
  readonly rows: readonly RunRow[];
}

const SEED = /(^|\.)seed$/i;

/** Groups runs of one system, preset and configuration, whatever their seed is. */
export function groupBySeed(rows: readonly RunRow[]): SeedGroup[] {
  const groups = new Map<string, RunRow[]>();
  for (const row of rows) {
    const differs = Object.entries(row.differs)
      .filter(([path]) => !SEED.test(path))
      .sort(([a], [b]) => a.localeCompare(b));
    const key = JSON.stringify([row.system, row.preset, differs]);
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [row]);
    else own.push(row);
  }
  return [...groups].map(([key, own]) => ({ key, label: labelOf(own), rows: own }));
}

function labelOf(rows: readonly RunRow[]): string {
  const [first] = rows;
  if (rows.length === 1) return first!.name;
  const differs = Object.entries(first!.differs)
    .filter(([path]) => !SEED.test(path))
    .map(([path, value]) => `${path.slice(path.lastIndexOf('.') + 1)} ${formatValue(value)}`);
  const name = [first!.system, ...(first!.preset === null ? [] : [first!.preset]), ...differs].join(', ');
  return `${name} (${rows.length} seeds)`;
}

/** Value of a curve at `x`, between its points on a straight line; null outside and in gaps. */
export function valueAt(curve: Pick<ChartSeries, 'x' | 'y'>, x: number): number | null {
  const at = positionOf(curve.x, x);
  if (curve.x[at] === x) return curve.y[at] ?? null;
  if (at === 0 || at === curve.x.length) return null;
  const [before, after] = [curve.y[at - 1], curve.y[at]];
  if (before == null || after == null) return null;
  const part = (x - curve.x[at - 1]!) / (curve.x[at]! - curve.x[at - 1]!);
  return before + (after - before) * part;
}

/**
 * Mean of curves, with a band of one standard deviation (of a sample, n − 1) on each side. At each x of the longest curve
 * those count that have a value there.
 */
export function meanOf(
  curves: readonly ChartSeries[],
  rest: { id: string; label: string; style: SeriesStyle },
): ChartSeries {
  const x = curves.reduce<readonly number[]>((most, curve) => (curve.x.length > most.length ? curve.x : most), []);
  const y: (number | null)[] = [];
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  for (const each of x) {
    const values = curves.map((curve) => valueAt(curve, each)).filter((value) => value !== null);
    if (values.length === 0) {
      y.push(null);
      low.push(null);
      high.push(null);
      continue;
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
    y.push(mean);
    low.push(mean - deviation);
    high.push(mean + deviation);
  }
  return { ...rest, x, y, band: { low, high } };
}
