import { isDeepStrictEqual } from 'node:util';
import { meanAndDeviation } from '../../statistics/statistics.ts';
import type { AnyStudy, AnyStudyRun, StudyColumn } from './study.ts';

type AnyColumn = StudyColumn<Record<string, unknown>>;

/** A variant or a baseline of it, in a column: over its seeds. */
interface Figures {
  readonly mean: number;
  /** Of the seeds, n - 1; null with one. */
  readonly standardDeviation: number | null;
}

/** A row of the table: of a variant, or of a baseline of the variants above it. */
export interface TableRow {
  readonly variant: string | null;
  readonly baseline: string | null;
  readonly seeds: number;
  /** By heading; null where a run has no such figure. */
  readonly figures: Readonly<Record<string, Figures | null>>;
}

const TIME = 'seconds';

/**
 * The variants that have completed runs; below them the baselines of their runs, once for variants that share them.
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
  /** The run of each seed of the variants whose baselines are still to come. */
  let above = new Map<number, AnyStudyRun>();
  for (const variant of Object.keys(study.variants)) {
    const own = runs.filter((run) => run.variant === variant);
    if (own.length === 0) continue;
    if (study.baselineRows !== false && !own.every((run) => shareBaselines(run, above.get(run.seed) ?? run))) {
      rows.push(...baselinesOf([...above.values()]));
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

/** `test.loss` → `['test', 'loss']` */
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

/** The table as rows of text, the heading first. */
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
