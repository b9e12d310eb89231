import { expect, it } from 'vitest';
import { curvesByMetric, linesOf } from '../run/curves-tab.tsx';
import { nearestStep } from '../run/figures-tab.tsx';
import { formatBytes, formatMoment, formatNumber, formatSpan } from './format.ts';

it('writes numbers with four digits that matter', () => {
  const texts = [0, 0.12345, 1234.5678, 20_000, 1e9, 1.5e-7, -3, null, NaN, Infinity].map(formatNumber);
  expect(texts).toEqual(['0', '0.1235', '1,234.6', '20,000', '1.000e9', '1.500e−7', '−3', '–', 'NaN', '∞']);
});

it('writes spans, sizes and moments', () => {
  expect([3.21, 42, 125, 7500, 200_000].map(formatSpan)).toEqual([
    '3.2 s',
    '42 s',
    '2 min 05 s',
    '2 h 05 min',
    '2 d 7 h',
  ]);
  expect([12, 12_345, 2_400_000_000].map(formatBytes)).toEqual(['12 B', '12.3 kB', '2.4 GB']);
  const now = new Date(2026, 10, 30, 18).getTime();
  expect(formatMoment(new Date(2026, 10, 30, 9, 5).getTime(), now)).toBe('today 09:05');
  expect(formatMoment(new Date(2026, 9, 3, 9, 5).getTime(), now)).toBe('3 Oct 09:05');
  expect(formatMoment(new Date(2025, 9, 3).getTime(), now)).toBe('3 Oct 2025');
});

it('puts train, validation and test of a metric into one chart, the objective’s first', () => {
  const curve = (name: string) => {
    const [split, metric] = name.split('/') as [string, string];
    return { name, split, metric, points: 1, last: 1 };
  };
  const curves = ['test/loss', 'train/accuracy', 'train/loss', 'validation/loss'].map(curve);
  const groups = curvesByMetric(curves, 'validation/loss');
  expect(groups.map(({ metric, curves: own }) => [metric, own.map(({ split }) => split)])).toEqual([
    ['loss', ['train', 'validation', 'test']],
    ['accuracy', ['train']],
  ]);
  expect(linesOf({ mean: { loss: 1 }, best: { loss: null }, other: {} }, 'loss')).toEqual([
    { label: 'mean', value: 1 },
  ]);
});

it('finds the figure of the last step up to the wanted one', () => {
  expect([50, 100, 250, 900].map((step) => nearestStep([100, 200, 300], step))).toEqual([100, 100, 200, 300]);
});
