import type { MetricRecord, Split } from '../../loop/events.ts';
import { largest, smallest } from '../../statistics/extremes.ts';
import type { Band } from './bands.ts';
import { lineChart, type Line } from './charts.ts';
import type { Figure } from './figure.ts';

export interface LearningCurvesOptions {
  readonly title: string;
  readonly subtitle?: string;
  readonly split: Split;
  /** Metric name as in the records: `loss`. */
  readonly metric: string;
  /** Metric with its unit: `loss (nats per image)`. */
  readonly yName: string;
  /** Runs with the same name (different seeds) are drawn as their mean, in a band from minimum to maximum. */
  readonly runs: readonly { readonly name: string; readonly records: readonly MetricRecord[] }[];
  readonly logY?: boolean;
}

/** One metric of several runs by step. */
export function learningCurves({ split, metric, runs, ...options }: LearningCurvesOptions): Figure {
  const names = [...new Set(runs.map(({ name }) => name))];
  const lines: Line[] = [];
  const bands: Band[] = [];
  for (const [color, name] of names.entries()) {
    const curves = runs.filter((run) => run.name === name).map(({ records }) => curveOf(records, split, metric));
    // Where runs have different lengths, a mean over fewer runs would jump.
    const [first = new Map<number, number>(), ...rest] = curves;
    const points = [...first].flatMap(([step, value]) => {
      const values = [value, ...rest.map((curve) => curve.get(step))];
      return values.every((each) => each !== undefined) ? [{ step, values }] : [];
    });
    lines.push({ name, points: points.map(({ step, values }) => [step, mean(values)]) });
    if (rest.length > 0) {
      const range = points.map(({ step, values }) => [step, smallest(values), largest(values)] as const);
      bands.push({ points: range, color, opacity: 0.2 });
    }
  }
  return lineChart({ ...options, xName: 'step', lines, bands });
}

function curveOf(records: readonly MetricRecord[], split: Split, metric: string): Map<number, number> {
  return new Map(
    records.flatMap((record) =>
      record.split === split && Object.hasOwn(record.metrics, metric) ? [[record.step, record.metrics[metric]!]] : [],
    ),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Options of the learning curve of one run. */
export interface LearningCurveOptions {
  /** Default `Learning curve`. */
  readonly title?: string;
  /** Metric with its unit: `loss (nats per image)`. */
  readonly yName: string;
  /** Metric name as in the records. Default `loss`. */
  readonly metric?: string;
  /** Baselines drawn as lines where they have the metric: label in the figure by name in the table. */
  readonly baselines?: Readonly<Record<string, string>>;
}

/** Runs with fewer epochs are drawn by step. */
const FEWEST_EPOCHS = 5;
/** Losses below this value need a logarithmic axis. */
const SMALL_LOSS = 0.1;

/** Metric of a run on training and validation data, by epoch or by step, with baselines as dashed lines. */
export function learningCurve(
  records: readonly MetricRecord[],
  { title = 'Learning curve', yName, metric = 'loss', baselines: names = {} }: LearningCurveOptions,
  baselines: Readonly<Record<string, Readonly<Record<string, number | null>>>> = {},
): Figure {
  const ofEpoch = `epoch${metric[0]!.toUpperCase()}${metric.slice(1)}`;
  const byEpoch =
    (records.at(-1)?.epoch ?? 0) >= FEWEST_EPOCHS && records.some(({ metrics }) => Object.hasOwn(metrics, ofEpoch));
  const xName = byEpoch ? 'epoch' : 'step';
  const points = (split: Split, name: string): [number, number][] =>
    records.flatMap((record): [number, number][] => {
      const value = Object.hasOwn(record.metrics, name) ? record.metrics[name] : undefined;
      return record.split === split && value !== undefined ? [[record[xName], value]] : [];
    });
  const splits: Line[] = [
    { name: 'training', points: points('train', byEpoch ? ofEpoch : metric) },
    { name: 'validation', points: points('validation', metric) },
  ];
  // Some metrics, such as an error rate of decoded texts, are measured on one of them alone.
  const lines = splits.filter((line) => line.points.length > 0);
  const places = lines.flatMap((line) => line.points.map(([x]) => x)).sort((a, b) => a - b);
  for (const [key, name] of Object.entries(names)) {
    const value = baselines[key]?.[metric];
    if (typeof value !== 'number' || places.length === 0) continue;
    lines.push({ name, points: [places[0]!, places.at(-1)!].map((x) => [x, value] as const), dashed: true });
  }
  const logY =
    lines.every((line) => line.points.every(([, value]) => value > 0)) &&
    lines.some((line) => line.points.some(([, value]) => value < SMALL_LOSS));
  return lineChart({ title, xName, yName, logY, lines });
}
