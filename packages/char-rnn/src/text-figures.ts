import { type Figure, heatMap } from '@motley/run/node';

/** Characters per row. */
const COLUMNS = 64;
/** Names of the baselines in a learning curve. */
export const BASELINE_NAMES: Readonly<Record<string, string>> = {
  unigram: 'unigram',
  bigram: 'bigram',
  fiveGram: '5-gram',
  entropyRate: 'entropy rate',
};

/** Text with each character on a background colored by its value. */
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
