import { RandomNumbers, stateOfSeed, wilsonInterval } from '@motley/run';
import { areaUnderCurve } from '../metrics.ts';
import { quantile } from '../table/encoder.ts';
import type { TableColumn } from '../table/table.ts';

type Interval = readonly [low: number, high: number];

/** Figures of the rows that share a value. */
export interface GroupFigures {
  readonly name: string;
  readonly rows: number;
  /** Share of positive rows, with its 95 % interval (Wilson). */
  readonly observed: number;
  readonly observedInterval: Interval;
  /** Mean predicted probability. */
  readonly predicted: number;
  /** NaN where the group has one class. */
  readonly areaUnderCurve: number;
  /** 95 % interval by bootstrap of the group's rows. */
  readonly areaInterval: Interval;
  readonly brier: number;
  readonly brierInterval: Interval;
}

const RESAMPLES = 500;
const SMALLEST_GROUP = 20;
const BANDS = 4;

/**
 * Figures by the values of a column: each category, or quarters of the numbers. Groups of fewer than 20 rows are left
 * out.
 */
export function figuresByGroup(
  column: TableColumn,
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
): GroupFigures[] {
  const groups = new Map<string, number[]>();
  for (const [row, name] of namesOf(column).entries()) groups.set(name, [...(groups.get(name) ?? []), row]);
  const random = new RandomNumbers(stateOfSeed(0)).fork(column.name);
  return [...groups]
    .filter(([, rows]) => rows.length >= SMALLEST_GROUP)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, rows]) => {
      const areaOf = (some: readonly number[]): number =>
        areaUnderCurve(
          some.map((row) => probabilities[row]!),
          some.map((row) => labels[row]!),
        );
      const brierOf = (some: readonly number[]): number =>
        some.reduce((sum, row) => sum + (probabilities[row]! - labels[row]!) ** 2, 0) / some.length;
      const resamples = Array.from({ length: RESAMPLES }, () =>
        Array.from(random.integers(rows.length, 0, rows.length), (place) => rows[place]!),
      );
      const positives = rows.reduce((sum, row) => sum + labels[row]!, 0);
      return {
        name,
        rows: rows.length,
        observed: positives / rows.length,
        observedInterval: wilsonInterval(positives, rows.length),
        predicted: rows.reduce((sum, row) => sum + probabilities[row]!, 0) / rows.length,
        areaUnderCurve: areaOf(rows),
        areaInterval: intervalOf(resamples.map(areaOf)),
        brier: brierOf(rows),
        brierInterval: intervalOf(resamples.map(brierOf)),
      };
    });
}

function intervalOf(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  return sorted.length === 0 ? [NaN, NaN] : [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/** Name of the group of each row. */
function namesOf(column: TableColumn): readonly string[] {
  if (column.kind === 'category') return column.values.map((value) => value || 'missing');
  const { levels } = column;
  if (levels !== undefined)
    return Array.from(column.values, (value) =>
      Number.isNaN(value) ? 'missing' : (levels[value - 1] ?? String(value)),
    );
  const sorted = column.values.filter((value) => !Number.isNaN(value)).sort();
  const bounds = Array.from({ length: BANDS + 1 }, (_, index) => quantile(sorted, index / BANDS));
  return Array.from(column.values, (value) => {
    if (Number.isNaN(value)) return 'missing';
    const band = Math.max(0, bounds.findIndex((bound, index) => index > 0 && value <= bound) - 1);
    return `${bounds[band]} to ${bounds[band + 1]}`;
  });
}
