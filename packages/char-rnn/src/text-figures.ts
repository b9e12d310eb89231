import type { MetricRecord, Metrics } from '@motley/run';
import { type Figure, heatMap, lineChart } from '@motley/run/node';

/** Characters in a row of a text. */
const COLUMNS = 64;
const BASELINE_NAMES: Readonly<Record<string, string>> = { fiveGram: '5-gram', entropyRate: 'entropy rate' };

/** Loss against steps, with the baselines as lines. */
export function learningCurve(
  records: readonly MetricRecord[],
  baselines: Readonly<Record<string, Metrics>>,
  names: { readonly title: string; readonly training: string },
): Figure {
  const points = (split: string) =>
    records.flatMap((record): [number, number][] =>
      record.split === split ? [[record.step, record.metrics.loss!]] : [],
    );
  const steps = records.map(({ step }) => step);
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  return lineChart({
    title: names.title,
    xName: 'step',
    yName: 'loss (nats per symbol)',
    lines: [
      { name: names.training, points: points('train') },
      { name: 'validation', points: points('validation') },
      ...Object.entries(baselines).map(([name, { loss }]) => ({
        name: BASELINE_NAMES[name] ?? name,
        points: [first, last].map((step) => [step, loss!] as const),
        dashed: true,
      })),
    ],
  });
}

/** A text in rows, each character on a ground of its value's colour. */
export function textFigure(
  characters: readonly string[],
  values: ArrayLike<number>,
  titles: { readonly title: string; readonly subtitle: string },
): Figure {
  const rows = Math.ceil(characters.length / COLUMNS);
  const cells = Array.from({ length: rows * COLUMNS }, (_, index) => Number((values[index] ?? NaN).toFixed(3)));
  return heatMap({
    ...titles,
    xName: '',
    yName: '',
    values: cells,
    xLabels: new Array<string>(COLUMNS).fill(''),
    yLabels: new Array<string>(rows).fill(''),
    cellLabels: cells.map((_, index) => (characters[index] ?? '').replace('\n', '↵')),
    width: 166 + 14 * COLUMNS,
    height: 130 + 22 * rows,
  });
}
