import { type Figure, heatMap } from '@motley/run/node';

/** Characters in a row of a text. */
const COLUMNS = 64;
/** Names of the baselines that a learning curve shows. */
export const BASELINE_NAMES: Readonly<Record<string, string>> = {
  unigram: 'unigram',
  bigram: 'bigram',
  fiveGram: '5-gram',
  entropyRate: 'entropy rate',
};

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
