import { expect, it } from 'vitest';
import type { Summary } from '../run/summary.ts';
import { tableOf, textOf } from './study-table.ts';
import type { AnyStudy, AnyStudyRun } from './study.ts';

const study: AnyStudy = {
  description: 'two ways',
  variants: { one: { description: 'first' }, other: { description: 'second' }, none: { description: 'third' } },
  columns: [
    { heading: 'top-1, %', metric: 'test.accuracy', scale: 100, digits: 1 },
    { heading: 'loss', metric: 'test.loss' },
    { heading: 'steps', value: ({ summary }) => summary.steps, digits: 0 },
  ],
};
const run = (variant: string, seed: number, accuracy: number, baseline: number): AnyStudyRun => ({
  variant,
  seed,
  path: '/',
  config: {},
  wallTimeInSeconds: 10 + seed,
  summary: {
    steps: 100,
    metrics: { test: { accuracy, ...(variant === 'one' && { loss: 0.01234 * (1 + seed) }) } },
    baselines: { trivial: { accuracy: baseline } },
  } as unknown as Summary,
});
const text = (runs: readonly AnyStudyRun[], more?: Partial<AnyStudy>): string[] => {
  const own = { ...study, ...more };
  return textOf(own, tableOf(own, runs)).map((row) => row.join(' | '));
};

it('has means and standard deviations over the seeds, and a dash for missing values', () => {
  const runs = [run('one', 0, 0.5, 0.1), run('one', 1, 0.7, 0.2), run('other', 0, 0.9, 0.1)];
  expect(text(runs)).toEqual([
    ' | seeds | top-1, % | loss | steps | seconds',
    'first | 2 | 60.0 ± 14.1 | 0.01851 ± 0.00873 | 100 ± 0 | 11 ± 1',
    'second | 1 | 90.0 | – | 100 | 10',
    // Equal for every variant, seed by seed: shown once, over all seeds.
    '_trivial (baseline)_ |  | 15.0 ± 7.1 | – | – | ',
  ]);
  expect(text(runs, { baselineRows: false })).toHaveLength(3);
});

it('puts differing baselines beneath their variants', () => {
  const runs = [run('one', 0, 0.5, 0.1), run('other', 0, 0.9, 0.1), run('none', 0, 0.6, 0.3)];
  expect(text(runs)).toEqual([
    ' | seeds | top-1, % | loss | steps | seconds',
    'first | 1 | 50.0 | 0.01234 | 100 | 10',
    'second | 1 | 90.0 | – | 100 | 10',
    '_trivial (baseline)_ |  | 10.0 | – | – | ',
    'third | 1 | 60.0 | – | 100 | 10',
    '_trivial (baseline)_ |  | 30.0 | – | – | ',
  ]);
});

it('has only a heading where nothing is completed', () => {
  expect(text([])).toEqual([' | seeds | top-1, % | loss | steps | seconds']);
});

it('throws where two columns have the same heading', () => {
  const [first] = study.columns as [AnyStudy['columns'][number]];
  expect(() => text([], { columns: [first, first] })).toThrow('got top-1, % twice');
  expect(() => text([], { columns: [{ ...first, heading: 'seconds' }] })).toThrow('got seconds twice');
});
