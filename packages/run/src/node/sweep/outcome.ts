import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, shown } from '../../config/errors.ts';
import type { MetricRecord } from '../../loop/events.ts';
import { readMetrics } from '../run/metrics-log.ts';
import { readSummary, summaryFileName } from '../run/summary.ts';
import type { Sweep } from './sweep-file.ts';

/**
 * Best value of a metric in a run folder: from its curve, else from its summary.
 * @param metric `split.name`
 * @returns null where the run has no such metric
 */
export async function bestMetric(
  folder: string,
  { metric, goal }: Pick<Sweep, 'metric' | 'goal'>,
): Promise<number | null> {
  const [split, name] = splitMetric(metric);
  const curve = (await readRunMetrics(folder)).flatMap((record) =>
    record.split === split && Number.isFinite(record.metrics[name]) ? [record.metrics[name]!] : [],
  );
  if (curve.length > 0) return curve.reduce((a, b) => (goal === 'minimize' ? Math.min(a, b) : Math.max(a, b)));
  if (!existsSync(join(folder, summaryFileName('train')))) return null;
  const { metrics } = await readSummary(folder, summaryFileName('train'));
  return metrics[split]?.[name] ?? null;
}

/** Metrics log of a run. Empty where the run ended before its first metrics. */
export async function readRunMetrics(folder: string): Promise<MetricRecord[]> {
  const path = join(folder, 'metrics.jsonl');
  return existsSync(path) ? readMetrics(path) : [];
}

/** Splits `validation.loss` into `['validation', 'loss']`. */
export function splitMetric(metric: string): readonly [split: string, name: string] {
  const [, split, name] = /^([^.]+)\.(.+)$/.exec(metric) ?? [];
  if (split === undefined || name === undefined) {
    throw new UserError(`--metric: expected split.name, as in validation.loss, got ${shown(metric)}`);
  }
  return [split, name];
}
