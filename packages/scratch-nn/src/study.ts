import { lineChart, meanAndDeviation, type Figure, type Line, type MetricRecord } from '@motley/core/scratch';
import { z } from 'zod';
import type { DataConfig, ScratchConfig } from './config.ts';
import { createPictures } from './data.ts';
import { baselines } from './evaluate.ts';
import { describeData } from './figures.ts';
import { optimalAccuracy } from './optimum.ts';
import { train } from './train.ts';

/** The course's combinations: {noise, none} × {centred, not}. */
export const COMBINATIONS = [
  { centred: true, noise: 0 },
  { centred: true, noise: 0.05 },
  { centred: false, noise: 0 },
  { centred: false, noise: 0.05 },
] as const;
export const SEEDS = [0, 1, 2] as const;

const metrics = z.record(z.string(), z.number());

/** What one training came to; a study's file has a line of JSON for each. */
export const outcomeSchema = z.strictObject({
  centred: z.boolean(),
  noise: z.number(),
  seed: z.int(),
  /** Of training and validation, epoch by epoch. */
  curve: z.array(z.strictObject({ epoch: z.int(), training: z.number(), validation: z.number() })),
  test: metrics,
  samplesPerSecond: z.number(),
  timeInSeconds: z.number(),
  commonestClass: z.number(),
  nearestCentroid: z.number(),
  optimum: z.number(),
});
export type Outcome = z.output<typeof outcomeSchema>;

/** One training of the study, measured on its test pictures beside baselines and optimum. */
export async function studyOne(settings: ScratchConfig): Promise<Outcome> {
  const { data, training } = settings;
  const records: MetricRecord[] = [];
  const pictures = createPictures(data, training.seed);
  const startedAt = performance.now();
  const { result } = await train(settings, pictures, {
    listeners: [{ onMetrics: (record) => void records.push(record) }],
  });
  const timeInSeconds = (performance.now() - startedAt) / 1000;
  const lossOf = (split: string, epoch: number): number =>
    records.find((record) => record.split === split && record.epoch === epoch)!.metrics.loss!;
  const { commonestClass, nearestCentroid } = baselines(pictures);
  return {
    ...{ centred: data.centred, noise: data.noise, seed: training.seed },
    curve: Array.from({ length: result.epochs }, (_, index) => ({
      epoch: index + 1,
      training: lossOf('train', index + 1),
      validation: lossOf('validation', index + 1),
    })),
    test: { ...result.metrics.test } as Outcome['test'],
    ...{ samplesPerSecond: result.samplesPerSecond, timeInSeconds },
    ...{ commonestClass: commonestClass.accuracy, nearestCentroid: nearestCentroid.accuracy },
    optimum: optimalAccuracy(data, pictures.test),
  };
}

export function isOf({ centred, noise }: Outcome, combination: Pick<DataConfig, 'centred' | 'noise'>): boolean {
  return centred === combination.centred && noise === combination.noise;
}

/** A Markdown table: a row for each combination, means over the seeds with standard deviations. */
export function tableOf(outcomes: readonly Outcome[], data: DataConfig): string {
  const percent = (values: readonly number[], digits: number): string => {
    const { mean, standardDeviation, count } = meanAndDeviation(values.map((value) => 100 * value));
    return `${mean.toFixed(digits)}${count > 1 ? ` ± ${standardDeviation.toFixed(digits)}` : ''}`;
  };
  const rows = COMBINATIONS.map((combination) => {
    const own = outcomes.filter((outcome) => isOf(outcome, combination));
    const of = (value: (outcome: Outcome) => number): number[] => own.map(value);
    const loss = meanAndDeviation(of(({ test }) => test.loss!));
    return [
      describeData({ ...data, ...combination }),
      `**${percent(
        of(({ test }) => test.accuracy!),
        2,
      )}**`,
      loss.mean.toFixed(4),
      percent(
        of(({ optimum }) => optimum),
        2,
      ),
      percent(
        of(({ nearestCentroid }) => nearestCentroid),
        1,
      ),
      percent(
        of(({ commonestClass }) => commonestClass),
        1,
      ),
      Math.round(meanAndDeviation(of(({ samplesPerSecond }) => samplesPerSecond)).mean).toLocaleString('en'),
      meanAndDeviation(of(({ timeInSeconds }) => timeInSeconds)).mean.toFixed(0),
    ];
  });
  const header = [
    'pictures',
    'test accuracy, %',
    'test loss, nats',
    'optimum, %',
    'nearest centroid, %',
    'commonest class, %',
    'pictures/s',
    'seconds',
  ];
  const lines = [header, header.map((_, index) => (index === 0 ? '---' : '--:')), ...rows];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

/** The loss of training and validation, epoch by epoch, and of the test: means over seeds, with their range. */
export function curvesOf(outcomes: readonly Outcome[], title: string): Figure {
  const epochs = outcomes[0]!.curve.map(({ epoch }) => epoch);
  const at = (index: number, split: 'training' | 'validation'): number[] =>
    outcomes.map(({ curve }) => curve[index]![split]);
  const mean = (values: readonly number[]): number => meanAndDeviation(values).mean;
  const splits = ['training', 'validation'] as const;
  const lines: Line[] = splits.map((split) => ({
    name: split,
    points: epochs.map((epoch, index) => [epoch, mean(at(index, split))]),
  }));
  const bands = splits.map((split, colour) => ({
    points: epochs.map((epoch, index) => {
      const values = at(index, split);
      return [epoch, Math.min(...values), Math.max(...values)] as const;
    }),
    colour,
    opacity: 0.2,
  }));
  const [loss, accuracy] = (['loss', 'accuracy'] as const).map((name) => mean(outcomes.map(({ test }) => test[name]!)));
  const ends = [epochs[0]!, epochs.at(-1)!].map((epoch): [number, number] => [epoch, loss!]);
  return lineChart({
    title,
    subtitle: `test: ${loss!.toPrecision(2)} nats, ${(100 * accuracy!).toFixed(2)} % right (${outcomes.length} seeds)`,
    xName: 'epoch',
    yName: 'loss (nats per picture)',
    lines: [...lines, { name: 'test, best weights', points: ends, dashed: true }],
    bands,
    logY: true,
  });
}
