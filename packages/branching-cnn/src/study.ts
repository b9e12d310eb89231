import { join } from 'node:path';
import { meanAndDeviation } from '@motley/run';
import { type Figure, lineChart, readMetrics, scatterChart, type Study, type StudyRun } from '@motley/run/node';
import type { BranchingConfig } from './config.ts';
import { DATA_CLASSES } from './trees.ts';

type Run = StudyRun<BranchingConfig>;

/** One group of all digits: a network without branches. */
const data = { groups: { all: [...DATA_CLASSES.mnist.classNames] } };
const model = { normalization: 'batch' } as const;

/** Compares batch sizes, branches and normalizations on MNIST. Learning rates are proportional to the batch size. */
export const batches: Study<BranchingConfig> = {
  description: 'batches of 1 and 64, with and without branches, group and batch normalization',
  variants: {
    'batch-1': { description: 'branches, GN + WS, batch 1', timeInMinutes: 10 },
    'batch-64': { description: 'branches, GN + WS, batch 64', preset: 'mnist-64', timeInMinutes: 3 },
    'plain-1': { description: 'plain, GN + WS, batch 1', config: { data }, timeInMinutes: 7 },
    'plain-64': { description: 'plain, GN + WS, batch 64', preset: 'mnist-64', config: { data }, timeInMinutes: 2 },
    'plain-half-64': {
      description: 'plain with a trunk of half the channels, GN + WS, batch 64',
      preset: 'mnist-64',
      config: { data, model: { trunkChannels: [8, 16, 32] } },
      timeInMinutes: 1,
    },
    'narrow-64': {
      description: 'branches of 16 channels, GN + WS, batch 64',
      preset: 'mnist-64',
      config: { model: { branchChannels: [16] } },
      timeInMinutes: 2,
    },
    'batch-norm-1': {
      description: 'plain, batch norm, batch 1',
      config: { data, model },
      timeInMinutes: 5,
    },
    'batch-norm-2': {
      description: 'plain, batch norm, batch 2',
      config: { data, model, training: { batchSize: 2, learningRate: 2e-3, stepsPerCall: 50 } },
      timeInMinutes: 5,
    },
    'batch-norm-64': {
      description: 'plain, batch norm, batch 64',
      preset: 'mnist-64',
      config: { data, model },
      timeInMinutes: 1,
    },
  },
  columns: [
    { heading: 'top-1, %', metric: 'test.accuracy', scale: 100, digits: 2 },
    { heading: 'routing, %', metric: 'test.routingAccuracy', scale: 100, digits: 2 },
    { heading: 'top-5, %', metric: 'test.top5Accuracy', scale: 100, digits: 2 },
    {
      heading: 'top-1 with batch statistics, %',
      metric: 'test.accuracyByBatchStatistics',
      scale: 100,
      digits: 1,
    },
    { heading: 'loss, nats', metric: 'test.loss', digits: 4 },
    { heading: 'M multiply-adds per image', metric: 'test.multiplyAddsPerImage', scale: 1e-6, digits: 2 },
    { heading: 'images/s in training', value: ({ summary }) => summary.samplesPerSecond, digits: 0 },
  ],
  async finish({ runs, writeFigure }) {
    await writeFigure('learning-curves', await learningCurves(runs));
    await writeFigure('accuracy-against-compute', accuracyAgainstCompute(runs));
  },
};

const descriptionOf = ({ variant }: Run): string => batches.variants[variant]!.description;

/** Validation accuracy by epoch, means over the seeds of each variant. */
async function learningCurves(runs: readonly Run[]): Promise<Figure> {
  const records = await Promise.all(
    runs.map(async (run) => ({ name: descriptionOf(run), all: await readMetrics(join(run.path, 'metrics.jsonl')) })),
  );
  const lines = [...new Set(records.map(({ name }) => name))].map((name) => {
    const own = records.filter((each) => each.name === name).flatMap(({ all }) => all);
    const validations = own.filter(({ split }) => split === 'validation');
    const points = [...new Set(validations.map(({ epoch }) => epoch))].map((epoch) => {
      const values = validations.filter((each) => each.epoch === epoch).map(({ metrics }) => 100 * metrics.accuracy!);
      return [epoch, meanAndDeviation(values).mean] as const;
    });
    return { name, points };
  });
  return lineChart({
    title: 'MNIST by batch size and normalization',
    xName: 'epoch',
    yName: 'validation accuracy (%)',
    lines,
    width: 900,
    height: 560,
  });
}

/** Test accuracy of each run with group normalization against its multiply-adds per image. */
function accuracyAgainstCompute(runs: readonly Run[]): Figure {
  const own = runs.filter(({ config }) => config.model.normalization === 'group');
  const names = [...new Set(own.map(descriptionOf))];
  const test = ({ summary }: Run, name: string): number => summary.metrics.test![name]!;
  return scatterChart({
    title: 'Accuracy against compute',
    xName: 'multiply-adds per image (millions)',
    yName: 'test accuracy (%)',
    x: own.map((run) => test(run, 'multiplyAddsPerImage') / 1e6),
    y: own.map((run) => 100 * test(run, 'accuracy')),
    categories: own.map((run) => names.indexOf(descriptionOf(run))),
    categoryNames: names,
    width: 820,
    height: 540,
  });
}
