import { join } from 'node:path';
import type { ConfigDefinition } from '../../config/config.ts';
import { kebabCase } from '../../config/fields.ts';
import type { Split } from '../../loop/events.ts';
import { largest, smallest } from '../../statistics/extremes.ts';
import { scatterChart } from '../figures/charts.ts';
import type { Figure } from '../figures/figure.ts';
import { learningCurves } from '../figures/learning-curves.ts';
import { readRunMetrics, splitMetric } from './outcome.ts';
import { numberKind } from './search-space.ts';
import { byMetric, type Sweep } from './sweep-file.ts';

/** More curves than colors in the palette cannot be told apart. */
const SHOWN_CURVES = 8;
/** Ratio of the largest to the smallest value from which an axis is logarithmic. */
const LOG_FROM = 10;

/** Figures of a sweep: the metric against each searched field, and the curves of the best runs. */
export async function sweepFigures(
  folder: string,
  sweep: Sweep,
  config: ConfigDefinition,
): Promise<Record<string, Figure>> {
  const measured = sweep.runs.filter(({ metric }) => metric !== null);
  if (measured.length === 0) return {};
  const [split, name] = splitMetric(sweep.metric);
  const best = measured.sort(byMetric(sweep.goal)).slice(0, SHOWN_CURVES);
  const runs = await Promise.all(
    best.map(async (run) => ({ name: run.name, records: await readRunMetrics(join(folder, run.name)) })),
  );
  const figures: Record<string, Figure> = {};
  if (runs.some(({ records }) => records.some((record) => record.split === split && name in record.metrics))) {
    const title = best.length < measured.length ? `The best ${best.length} of ${measured.length} runs` : 'Runs';
    figures.curves = learningCurves({ title, split: split as Split, metric: name, yName: sweep.metric, runs });
  }
  for (const field of config.fields.filter(({ path }) => path in (measured[0]?.point ?? {}))) {
    const values = measured.map(({ point }) => point[field.path]!);
    const isNumber = numberKind(field) !== undefined && values.every((value) => Number.isFinite(Number(value)));
    const places = [...new Set(values)];
    const numbers = values.map(Number);
    const [least, most] = [smallest(numbers), largest(numbers)];
    figures[`metric-against-${kebabCase(field.path)}`] = scatterChart({
      title: `${sweep.metric} against ${field.path}`,
      xName: field.path,
      yName: sweep.metric,
      x: isNumber ? numbers : values.map((value) => places.indexOf(value)),
      y: measured.map(({ metric }) => metric!),
      categories: measured.map((run) => Number(run.name === sweep.best)),
      categoryNames: ['run', 'best'],
      ...(isNumber ? { logX: least > 0 && most / least >= LOG_FROM } : { xLabels: places }),
    });
  }
  return figures;
}
