import { join } from 'node:path';
import { meanAndDeviation, type MetricRecord, largest, smallest } from '@motley/run';
import { type Figure, type Line, lineChart, readMetrics, type Study, type StudyRun } from '@motley/run/node';
import type { ScratchConfig } from './config.ts';
import { describeData } from './figures.ts';

type Run = StudyRun<ScratchConfig>;

const variant = (centered: boolean, noise: number) => ({
  description: `${centered ? 'centered' : 'off-center'}, ${noise === 0 ? 'no noise' : `${100 * noise} % noise`}`,
  config: { data: { centered, noise }, evaluation: { optimum: true } },
  timeInMinutes: 0.7,
});
const accuracyOf =
  (baseline: string) =>
  ({ summary }: Run): number | null | undefined =>
    summary.baselines[baseline]?.accuracy;

/** With and without noise, centered and off-center. */
export const pictures: Study<ScratchConfig> = {
  description: 'with and without noise, centered and off-center',
  variants: {
    'centered-clean': variant(true, 0),
    'centered-noise': variant(true, 0.05),
    'off-center-clean': variant(false, 0),
    'off-center-noise': variant(false, 0.05),
  },
  columns: [
    { heading: 'test accuracy, %', metric: 'test.accuracy', scale: 100, digits: 2 },
    { heading: 'test loss, nats', metric: 'test.loss', digits: 4 },
    { heading: 'optimum, %', value: accuracyOf('optimum'), scale: 100, digits: 2 },
    { heading: 'nearest centroid, %', value: accuracyOf('nearestCentroid'), scale: 100, digits: 1 },
    { heading: 'commonest class, %', value: accuracyOf('commonestClass'), scale: 100, digits: 1 },
    { heading: 'pictures/s', value: ({ summary }) => summary.samplesPerSecond, digits: 0 },
  ],
  baselineRows: false,
  async finish({ runs, writeFigure }) {
    for (const name of new Set(runs.map((run) => run.variant))) {
      const own = runs.filter((run) => run.variant === name);
      const records = await Promise.all(own.map(({ path }) => readMetrics(join(path, 'metrics.jsonl'))));
      await writeFigure(`loss-${name}`, lossFigure(own, records));
    }
  },
};

/** Training and validation loss by epoch: mean and range over seeds. Also the mean test loss. */
function lossFigure(runs: readonly Run[], records: readonly (readonly MetricRecord[])[]): Figure {
  const mean = (values: readonly number[]): number => meanAndDeviation(values).mean;
  const epochs = Array.from({ length: runs[0]!.config.training.epochs }, (_, index) => index + 1);
  const lossesAt = (split: string, epoch: number): number[] =>
    records.map((own) => own.find((each) => each.split === split && each.epoch === epoch)!.metrics.loss!);
  const splits = [
    ['training', 'train'],
    ['validation', 'validation'],
  ] as const;
  const lines: Line[] = splits.map(([name, split]) => ({
    name,
    points: epochs.map((epoch) => [epoch, mean(lossesAt(split, epoch))]),
  }));
  const bands = splits.map(([, split], color) => ({
    points: epochs.map((epoch) => {
      const values = lossesAt(split, epoch);
      return [epoch, smallest(values), largest(values)] as const;
    }),
    color,
    opacity: 0.2,
  }));
  const [loss, accuracy] = (['loss', 'accuracy'] as const).map((name) =>
    mean(runs.map(({ summary }) => summary.metrics.test![name]!)),
  );
  const ends = [epochs[0]!, epochs.at(-1)!].map((epoch): [number, number] => [epoch, loss!]);
  return lineChart({
    title: describeData(runs[0]!.config.data),
    subtitle: `test: ${loss!.toPrecision(2)} nats, ${(100 * accuracy!).toFixed(2)} % right (${runs.length} seeds)`,
    xName: 'epoch',
    yName: 'loss (nats per picture)',
    lines: [...lines, { name: 'test, best weights', points: ends, dashed: true }],
    bands,
    logY: true,
  });
}
