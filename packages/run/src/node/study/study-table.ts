import { isDeepStrictEqual } from 'node:util';
import { meanAndDeviation } from '../../statistics/statistics.ts';
import type { AnyStudy, AnyStudyRun, StudyColumn } from './study.ts';

type AnyColumn = StudyColumn<Record<string, unknown>>;

/** Statistics over the seeds of a variant or baseline, for one column. */
interface Figures {
  readonly mean: number;
  /** Sample standard deviation over the seeds (n - 1). Null for one seed. */
  readonly standardDeviation: number | null;
}

/** Row of the table: a variant, or a baseline of the variants above it. */
export interface TableRow {
  readonly variant: string | null;
  readonly baseline: string | null;
  readonly seeds: number;
  /** Statistics by heading. Null where a run has no such value. */
  readonly figures: Readonly<Record<string, Figures | null>>;
}

const TIME = 'seconds';

/**
 * Table of the variants with completed runs. Baselines follow, once for variants that share them.
 * @throws Error where two columns have the same heading
 */
export function tableOf(study: AnyStudy, runs: readonly AnyStudyRun[]): TableRow[] {
  const headings = [...study.columns.map(({ heading }) => heading), TIME];
  const twice = headings.find((heading, index) => headings.indexOf(heading) < index);
  if (twice !== undefined) throw new Error(`study: expected a heading for each column, got ${twice} twice`);
  const figuresOf = (
    own: readonly AnyStudyRun[],
    valueOf: (column: AnyColumn, run: AnyStudyRun) => number | null | undefined,
  ): TableRow['figures'] =>
    Object.fromEntries(
      study.columns.map((column) => [
        column.heading,
        summarize(own.map((run) => scaled(valueOf(column, run), column))),
      ]),
    );
  const rowOf = (variant: string, own: readonly AnyStudyRun[]): TableRow => {
    const time = summarize(own.map(({ wallTimeInSeconds }) => wallTimeInSeconds));
    return { variant, baseline: null, seeds: own.length, figures: { ...figuresOf(own, ownValue), [TIME]: time } };
  };
  const baselinesOf = (own: readonly AnyStudyRun[]): TableRow[] =>
    Object.keys(own[0]?.summary.baselines ?? {}).map((baseline) => ({
      variant: null,
      baseline,
      seeds: own.length,
      figures: figuresOf(own, (column, run) => baselineValue(column, run, baseline)),
    }));
  const rows: TableRow[] = [];
  /** Runs by seed of the variants whose baselines have not been listed yet. */
  let above = new Map<number, AnyStudyRun>();
  for (const variant of Object.keys(study.variants)) {
    const own = runs.filter((run) => run.variant === variant);
    if (own.length === 0) continue;
    if (study.baselineRows !== false && !own.every((run) => shareBaselines(run, above.get(run.seed) ?? run))) {
      for (const row of baselinesOf([...above.values()])) rows.push(row);
      above = new Map();
    }
    rows.push(rowOf(variant, own));
    for (const run of own) above.set(run.seed, run);
  }
  return study.baselineRows === false ? rows : [...rows, ...baselinesOf([...above.values()])];
}

function shareBaselines(one: AnyStudyRun, other: AnyStudyRun): boolean {
  return isDeepStrictEqual(one.summary.baselines, other.summary.baselines);
}

function ownValue(column: AnyColumn, run: AnyStudyRun): number | null | undefined {
  if ('value' in column) return column.value(run);
  const [split, name] = splitName(column.metric);
  return run.summary.metrics[split]?.[name];
}

function baselineValue(column: AnyColumn, { summary }: AnyStudyRun, baseline: string): number | null | undefined {
  return 'value' in column ? undefined : summary.baselines[baseline]?.[splitName(column.metric)[1]];
}

/** Splits `test.loss` into `['test', 'loss']`. */
function splitName(metric: string): readonly [split: string, name: string] {
  const dot = metric.indexOf('.');
  return [metric.slice(0, dot), metric.slice(dot + 1)];
}

function scaled(value: number | null | undefined, { scale = 1 }: AnyColumn): number | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : scale * value;
}

function summarize(values: readonly (number | null)[]): Figures | null {
  const numbers = values.filter((value) => value !== null);
  if (numbers.length < values.length) return null;
  const { mean, standardDeviation, count } = meanAndDeviation(numbers);
  return { mean, standardDeviation: count > 1 ? standardDeviation : null };
}

/** Table as rows of text, heading first. */
export function textOf(study: AnyStudy, table: readonly TableRow[]): string[][] {
  const { columns } = study;
  return [
    ['', 'seeds', ...columns.map(({ heading }) => heading), TIME],
    ...table.map(({ variant, baseline, seeds, figures }) => {
      const cells = columns.map(({ heading, digits }) => inWords(figures[heading], digits));
      return baseline === null
        ? [study.variants[variant!]!.description, String(seeds), ...cells, inWords(figures[TIME], 0)]
        : [`_${baseline} (baseline)_`, '', ...cells, ''];
    }),
  ];
}

function inWords(figures: Figures | null | undefined, digits: number | undefined): string {
  if (figures === null || figures === undefined) return '–';
  const { mean, standardDeviation } = figures;
  const places = digits ?? Math.min(Math.max(3 - Math.floor(Math.log10(Math.abs(mean) || 1)), 0), 20);
  return standardDeviation === null
    ? mean.toFixed(places)
    : `${mean.toFixed(places)} ± ${standardDeviation.toFixed(places)}`;
}
