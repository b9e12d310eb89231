import { column, loadCsv } from '@motley/core/node';
import { shown, UserError } from '@motley/run';
import { wordsOf } from '../vocabulary.ts';
import type { Corpus } from './corpus.ts';

/**
 * Reads tweets from a CSV with the columns `Party`, `Handle` and `Tweet`, as Kaggle's "Democrat vs. Republican tweets".
 * @throws UserError naming the file, row and column, or where there is one party alone
 */
export async function loadTweets(path: string): Promise<Corpus> {
  const { columns } = await loadCsv(path, {
    Party: column.category(),
    Handle: column.text(),
    Tweet: column.text(),
  });
  const { codes, categories } = columns.Party;
  if (categories.length < 2)
    throw new UserError(`${path}: expected two parties in column Party, found only ${shown(categories[0] ?? '')}`);
  const texts = columns.Tweet.map((tweet, row) => ({
    words: wordsOf(tweet),
    label: codes[row]!,
    speaker: columns.Handle[row]!,
  }));
  return { classNames: categories, texts: texts.filter(({ words }) => words.length > 0) };
}
