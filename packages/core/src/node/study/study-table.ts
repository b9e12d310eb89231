import { meanAndDeviation } from '../../metrics/statistics.ts';
import type { AnyStudy, AnyStudyRun, StudyColumn } from './study.ts';

type AnyColumn = StudyColumn<Record<string, unknown>>;

/** A variant or a baseline of it, in a column: over its seeds. */
interface Figures {
  readonly mean: number;
  /** Of the seeds, n - 1; null with one. */
  readonly standardDeviation: number | null;
}

/** A row of the table. */
export interface TableRow {
  readonly variant: string;
  /** Null in the variant's own row. */
  readonly baseline: string | null;
  readonly seeds: number;
  /** By heading; null where a run has no such figure. */
  readonly figures: Readonly<Record<string, Figures | null>>;
}

const TIME = 'seconds';

/** The variants that have completed runs, each followed by the baselines of its runs. */
export function tableOf(study: AnyStudy, runs: readonly AnyStudyRun[]): TableRow[] {
  return Object.keys(study.variants).flatMap((variant) => {
    const own = runs.filter((run) => run.variant === variant);
    if (own.length === 0) return [];
    const row = (
      baseline: string | null,
      valueOf: (column: AnyColumn, run: AnyStudyRun) => number | null | undefined,
      more?: Readonly<Record<string, Figures | null>>,
    ): TableRow => ({
      ...{ variant, baseline, seeds: own.length },
      figures: {
        ...Object.fromEntries(
          study.columns.map((column) => [
            column.heading,
            summarize(own.map((run) => scaled(valueOf(column, run), column))),
          ]),
        ),
        ...more,
      },
    });
    const time = summarize(own.map(({ wallTimeInSeconds }) => wallTimeInSeconds));
    const names = study.baselineRows === false ? [] : Object.keys(own[0]!.summary.baselines);
    return [
      row(null, ownValue, { [TIME]: time }),
      ...names.map((name) => row(name, (column, run) => baselineValue(column, run, name))),
    ];
  });
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

/** The table as rows of text, the heading first. Baselines that all variants share come once, at the end. */
export function textOf(study: AnyStudy, table: readonly TableRow[]): string[][] {
  const { columns } = study;
  const rows = table.map((row) => ({
    row,
    cells: [
      ...columns.map(({ heading, digits }) => inWords(row.figures[heading] ?? null, digits)),
      row.baseline === null ? inWords(row.figures[TIME] ?? null, 0) : '',
    ],
  }));
  const baselines = rows.filter(({ row }) => row.baseline !== null);
  const variantCount = rows.length - baselines.length;
  const distinct = new Map(baselines.map((each) => [JSON.stringify([each.row.baseline, each.cells]), each]));
  const areShared = distinct.size * variantCount === baselines.length;
  const shownRows = areShared ? [...rows.filter(({ row }) => row.baseline === null), ...distinct.values()] : rows;
  return [
    ['', 'seeds', ...columns.map(({ heading }) => heading), TIME],
    ...shownRows.map(({ row: { variant, baseline, seeds }, cells }) =>
      baseline === null
        ? [study.variants[variant]!.description, String(seeds), ...cells]
        : [`_${baseline} (baseline)_`, '', ...cells],
    ),
  ];
}

function inWords(figures: Figures | null, digits: number | undefined): string {
  if (figures === null) return '–';
  const { mean, standardDeviation } = figures;
  const places = digits ?? Math.min(Math.max(3 - Math.floor(Math.log10(Math.abs(mean) || 1)), 0), 20);
  return standardDeviation === null
    ? mean.toFixed(places)
    : `${mean.toFixed(places)} ± ${standardDeviation.toFixed(places)}`;
}
