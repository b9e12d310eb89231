import { UserError } from '@motley/run';
import type { Corpus, CorpusText } from './corpus.ts';

/** Letters, and at least four: neither a punctuation mark nor most particles. */
const WORD = /^#?\p{L}{4,}$/u;
/** Added to each count, so that a word that a party never says has a finite weight. */
const PRIOR = 5;
/** Texts of a party that a word must occur in. */
const FEWEST_TEXTS = 20;

/**
 * The task of words taken out: for each class, the words that it says far more often than the others (log-odds with a
 * prior, times the square root of the count). Each text with exactly one of all these words becomes an example without
 * it, whose class is the word: `party: word`.
 * @returns the corpus, and the party of each class
 * @throws UserError where a party has fewer such words
 */
export function takeWords(
  { classNames, texts }: Corpus,
  wordsPerParty: number,
): { readonly corpus: Corpus; readonly ofClass: readonly number[] } {
  const counts = classNames.map(() => new Map<string, number>());
  for (const { words, label } of texts)
    for (const word of new Set(words)) if (WORD.test(word)) counts[label]!.set(word, (counts[label]!.get(word) ?? 0) + 1);
  const sizes = classNames.map((_, label) => texts.filter((text) => text.label === label).length);
  const chosen = classNames.flatMap((name, label) => {
    const others = sizes.reduce((sum, size) => sum + size, 0) - sizes[label]!;
    const weightOf = (word: string, count: number): number => {
      const elsewhere = counts.reduce((sum, each, other) => sum + (other === label ? 0 : (each.get(word) ?? 0)), 0);
      return Math.sqrt(count) * Math.log((count + PRIOR) / sizes[label]! / ((elsewhere + PRIOR) / others));
    };
    const weighted = [...counts[label]!]
      .filter(([, count]) => count >= FEWEST_TEXTS)
      .map(([word, count]) => [word, weightOf(word, count)] as const)
      .filter(([, weight]) => weight > 0)
      .sort(([a, weightOfA], [b, weightOfB]) => weightOfB - weightOfA || (a < b ? -1 : 1))
      .slice(0, wordsPerParty);
    if (weighted.length < wordsPerParty)
      throw new UserError(
        `data.wordsPerParty: expected at most ${weighted.length}, the words that mark ${name}, got ${wordsPerParty}`,
      );
    return weighted.map(([word]) => ({ word, party: label }));
  });
  const places = new Map(chosen.map(({ word }, place) => [word, place]));
  const examples = texts.flatMap(({ words, label, speaker }): CorpusText[] => {
    const found = new Set(words.flatMap((word) => places.get(word) ?? []));
    const [place] = found;
    if (found.size !== 1 || place === undefined || chosen[place]!.party !== label) return [];
    return [{ words: words.filter((word) => word !== chosen[place]!.word), label: place, speaker }];
  });
  return {
    corpus: {
      classNames: chosen.map(({ word, party }) => `${classNames[party]!}: ${word}`),
      texts: examples.filter(({ words }) => words.length > 0),
    },
    ofClass: chosen.map(({ party }) => party),
  };
}
