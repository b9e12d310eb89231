import { createHash } from 'node:crypto';
import { basename, relative, sep } from 'node:path';
import type { SystemDescription } from '@motley/run/folders';
import type { MetricTable, RunRow, RunStatus } from '../../shared/api.ts';
import { differenceOf } from './differs.ts';
import type { RunFacts } from './facts.ts';
import type { MetricFacts } from './metric-facts.ts';

const MAX_METRICS = 300;
/** Baselines that no network can beat: bounds. */
const BOUND = /optim|bound|ceiling|oracle|perfect|bayes|irreducible/i;

/** A folder of runs, as the user named it. */
export interface Root {
  /** Real path. */
  readonly path: string;
  readonly kind: 'runs' | 'events';
}

/** Name of a run in addresses: readable, and the same as long as the folder stays. */
export function idOf(path: string): string {
  const name = basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '');
  return `${name === '' ? 'run' : name}-${createHash('sha256').update(path).digest('hex').slice(0, 10)}`;
}

/** One row of the table. */
export function rowOf(
  path: string,
  root: Root,
  facts: RunFacts,
  metrics: MetricFacts,
  now: { readonly status: RunStatus; readonly changedAt: number; readonly problems: readonly string[] },
  system: SystemDescription | undefined,
): RunRow {
  const below = relative(root.path, path);
  const { preset, differs } = differenceOf(facts.config, system, facts);
  const objective = objectiveOf(facts, metrics);
  const isLive = now.status === 'running' || now.status === 'stalled';
  return {
    id: idOf(path),
    path: below === '' ? basename(path) : below.split(sep).join('/'),
    system: facts.system,
    name: facts.marks.name === '' ? basename(path) : facts.marks.name,
    preset,
    status: now.status,
    startedAt: facts.startedAt === null ? null : Math.round(facts.startedAt),
    changedAt: Math.round(now.changedAt),
    tookInSeconds: isLive ? metrics.timeInSeconds : (facts.tookInSeconds ?? metrics.timeInSeconds),
    step: metrics.step ?? facts.steps,
    device: facts.device,
    objective,
    baseline: objective?.name === 'train/loss' ? null : baselineOf(facts.baselines),
    spark: metrics.spark,
    differs,
    metrics: metricsOf(facts, metrics),
    ...placesOf(below),
    isStarred: facts.marks.isStarred,
    isPutAway: facts.marks.isPutAway,
    note: facts.marks.note,
    isForeign: root.kind === 'events',
    problems: [...facts.problems, ...now.problems],
  };
}

/** Splits of a summary that stand for a validation where a training has none: measured on held-out data. */
const HELD_OUT = ['validation', 'crossValidation', 'test'];

function objectiveOf(facts: RunFacts, metrics: MetricFacts): RunRow['objective'] {
  const summed = facts.metrics.bestValidation?.loss;
  if (metrics.objective === 'validation/loss' || summed !== undefined) {
    const own = metrics.objective === 'validation/loss' ? metrics.best : undefined;
    const best = metrics.isWhole ? (own ?? summed) : (summed ?? own);
    return { name: 'validation/loss', value: best ?? null, isLowBetter: true };
  }
  const split = HELD_OUT.find((name) => typeof facts.metrics[name]?.loss === 'number');
  if (split !== undefined) return { name: `${split}/loss`, value: facts.metrics[split]!.loss!, isLowBetter: true };
  return metrics.objective === null ? null : { name: metrics.objective, value: metrics.best, isLowBetter: true };
}

/** The baseline with the lowest loss, as it was measured on held-out data. One that is a bound is no baseline. */
function baselineOf(baselines: MetricTable): RunRow['baseline'] {
  let strongest: { name: string; value: number } | null = null;
  for (const [name, { loss }] of Object.entries(baselines)) {
    if (loss === undefined || loss === null || BOUND.test(name)) continue;
    if (strongest === null || loss < strongest.value) strongest = { name, value: loss };
  }
  return strongest;
}

function metricsOf(facts: RunFacts, { last }: MetricFacts): Record<string, number | null> {
  const all: Record<string, number | null> = { ...last };
  let count = Object.keys(all).length;
  for (const [split, metrics] of Object.entries(facts.metrics))
    for (const [name, value] of Object.entries(metrics)) if (count++ < MAX_METRICS) all[`${split}/${name}`] ??= value;
  return all;
}

/** Study and sweep by the places of their runs: `<system>/study/<study>/<run>` and `<system>/sweeps/<time>/<run>`. */
function placesOf(below: string): Pick<RunRow, 'study' | 'sweep'> {
  const parts = below.split(sep);
  const after = (name: string): string | null => {
    const at = parts.indexOf(name);
    return at >= 0 && at < parts.length - 2 ? parts[at + 1]! : null;
  };
  return { study: after('study'), sweep: after('sweeps') };
}
