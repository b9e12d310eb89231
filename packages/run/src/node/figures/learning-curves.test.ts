import { beforeEach, expect, it, vi } from 'vitest';
import type { MetricRecord, Metrics, Split } from '../../loop/events.ts';
import { lineChart, type LineChartOptions } from './charts.ts';
import { learningCurve } from './learning-curves.ts';

vi.mock(import('./charts.ts'), async (original) => {
  const actual = await original();
  return { ...actual, lineChart: vi.fn(actual.lineChart) };
});
beforeEach(() => {
  vi.mocked(lineChart).mockClear();
});

const record = (split: Split, step: number, epoch: number, metrics: Metrics): MetricRecord => ({
  step,
  epoch,
  split,
  timeInSeconds: step,
  metrics,
});
/** Records of ten steps per epoch, with a loss of 1 / step and an accuracy. */
function recordsOf(epochs: number): MetricRecord[] {
  return Array.from({ length: epochs }, (_, index) => index + 1).flatMap((epoch) => [
    record('train', 10 * epoch - 5, epoch, { loss: 1 / (10 * epoch - 5), learningRate: 1 }),
    record('train', 10 * epoch, epoch, { loss: 1 / (10 * epoch), learningRate: 1 }),
    record('train', 10 * epoch, epoch, { epochLoss: epoch, epochAccuracy: epoch / 10, samplesPerSecond: 3 }),
    record('validation', 10 * epoch, epoch, { loss: epoch + 0.5, accuracy: epoch / 20 }),
  ]);
}
const drawn = (): LineChartOptions => vi.mocked(lineChart).mock.calls.at(-1)![0];
const options = { yName: 'loss (nats)' };

it('is drawn by epoch from five epochs on', () => {
  const { svg } = learningCurve([...recordsOf(5), record('test', 50, 5, { loss: 9 })], options);
  expect(drawn()).toMatchObject({ title: 'Learning curve', xName: 'epoch', yName: 'loss (nats)', logY: false });
  expect(drawn().lines).toEqual([
    { name: 'training', points: [1, 2, 3, 4, 5].map((epoch) => [epoch, epoch]) },
    { name: 'validation', points: [1, 2, 3, 4, 5].map((epoch) => [epoch, epoch + 0.5]) },
  ]);
  for (const text of ['Learning curve', '>epoch<', 'loss (nats)', '>training<', '>validation<'])
    expect(svg).toContain(text);
});

it('is drawn by step for fewer epochs, or without epoch means', () => {
  learningCurve(recordsOf(4).slice(0, 8), options);
  expect(drawn().xName).toBe('step');
  expect(drawn().lines).toEqual([
    { name: 'training', points: [5, 10, 15, 20].map((step) => [step, 1 / step]) },
    {
      name: 'validation',
      points: [
        [10, 1.5],
        [20, 2.5],
      ],
    },
  ]);
  learningCurve(
    recordsOf(6).filter(({ metrics }) => !('epochLoss' in metrics)),
    options,
  );
  expect(drawn().xName).toBe('step');
});

it('draws another metric', () => {
  learningCurve(recordsOf(5), { yName: 'accuracy', metric: 'accuracy' });
  expect(drawn().lines.map(({ points }) => points[4])).toEqual([
    [5, 0.5],
    [5, 0.25],
  ]);
});

it('draws the baselines of the metric as dashed lines over the whole width', () => {
  const baselines = {
    mean: { loss: 7, accuracy: 0.1 },
    last: { accuracy: 0.2 },
    none: { loss: null },
    other: { loss: 3 },
  };
  const names = { mean: 'mean of the targets', last: 'last value', none: 'nothing', missing: 'not measured' };
  learningCurve(recordsOf(5), { ...options, baselines: names }, baselines);
  expect(drawn().lines.slice(2)).toEqual([
    {
      name: 'mean of the targets',
      points: [
        [1, 7],
        [5, 7],
      ],
      dashed: true,
    },
  ]);
  learningCurve(recordsOf(2), { ...options, baselines: names }, baselines);
  expect(drawn().lines[2]!.points).toEqual([
    [5, 7],
    [20, 7],
  ]);
});

it('has a logarithmic axis where losses come close to 0, and none below it', () => {
  const last = (loss: number): MetricRecord[] => [...recordsOf(5), record('validation', 50, 5, { loss })];
  for (const [loss, logY] of [
    [0.2, false],
    [0.05, true],
    [0, false],
    [-0.05, false],
  ] as const) {
    learningCurve(last(loss), options);
    expect(drawn().logY).toBe(logY);
  }
});

it('shows no baseline without a curve', () => {
  learningCurve([], { ...options, baselines: { mean: 'mean' } }, { mean: { loss: 7 } });
  expect(drawn().lines).toEqual([]);
});
