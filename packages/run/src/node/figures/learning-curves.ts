import type { MetricRecord, Split } from '../../loop/events.ts';
import type { Band } from './bands.ts';
import { lineChart, type Line } from './charts.ts';
import type { Figure } from './figure.ts';

export interface LearningCurvesOptions {
  readonly title: string;
  readonly subtitle?: string;
  readonly split: Split;
  /** As in the records: `loss`. */
  readonly metric: string;
  /** The metric with its unit: `loss (nats per image)`. */
  readonly yName: string;
  /** Runs of one name, several seeds say, are one line, their mean, in a band from the least to the greatest. */
  readonly runs: readonly { readonly name: string; readonly records: readonly MetricRecord[] }[];
  readonly logY?: boolean;
}

/** A metric over the steps of several runs. */
export function learningCurves({ split, metric, runs, ...options }: LearningCurvesOptions): Figure {
  const names = [...new Set(runs.map(({ name }) => name))];
  const lines: Line[] = [];
  const bands: Band[] = [];
  for (const [color, name] of names.entries()) {
    const curves = runs.filter((run) => run.name === name).map(({ records }) => curveOf(records, split, metric));
    // Where not every run has come, a mean would jump.
    const [first = new Map<number, number>(), ...rest] = curves;
    const points = [...first].flatMap(([step, value]) => {
      const values = [value, ...rest.map((curve) => curve.get(step))];
      return values.every((each) => each !== undefined) ? [{ step, values }] : [];
    });
    lines.push({ name, points: points.map(({ step, values }) => [step, mean(values)]) });
    if (rest.length > 0) {
      const range = points.map(({ step, values }) => [step, Math.min(...values), Math.max(...values)] as const);
      bands.push({ points: range, color, opacity: 0.2 });
    }
  }
  return lineChart({ ...options, xName: 'step', lines, bands });
}

function curveOf(records: readonly MetricRecord[], split: Split, metric: string): Map<number, number> {
  return new Map(
    records.flatMap((record) =>
      record.split === split && record.metrics[metric] !== undefined ? [[record.step, record.metrics[metric]]] : [],
    ),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
