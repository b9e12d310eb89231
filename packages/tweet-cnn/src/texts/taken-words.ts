import { UserError } from '@motley/run';
import type { Corpus, CorpusText } from './corpus.ts';

/** Letters, and at least four: neither a punctuation mark nor most particles. */
const WORD = /^#?\p{L}{4,}$/u;
/** Added to each count, so that a word that a party never says has a finite weight. */
const PRIOR = 5;
/** Texts of a party that a word must occur in. */
const FEWEST_TEXTS = 20;

/** A word that marks a party. */
interface MarkedWord {
  readonly word: string;
  /** Place of the party in the names of the corpus. */
  readonly party: number;
}

/**
 * The words of the task of words taken out: for each party, those that it says far more often than the others (log-odds
 * with a prior, times the square root of the count).
 * @throws UserError where a party has fewer such words
 */
export function markedWords({ classNames, texts }: Corpus, wordsPerParty: number): MarkedWord[] {
  const counts = classNames.map(() => new Map<string, number>());
  for (const { words, label } of texts)
    for (const word of new Set(words))
      if (WORD.test(word)) counts[label]!.set(word, (counts[label]!.get(word) ?? 0) + 1);
  const sizes = classNames.map((_, label) => texts.filter((text) => text.label === label).length);
  return classNames.flatMap((name, label) => {
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
}

/**
 * Examples of words taken out: each text with exactly one of the words, which marks its own party, without that word.
 * The class is the word's place.
 */
export function takeOut(texts: readonly CorpusText[], chosen: readonly MarkedWord[]): CorpusText[] {
  const places = new Map(chosen.map(({ word }, place) => [word, place]));
  return texts.flatMap(({ words, label, speaker }): CorpusText[] => {
    const found = new Set(words.flatMap((word) => places.get(word) ?? []));
    const [place] = found;
    if (found.size !== 1 || place === undefined || chosen[place]!.party !== label) return [];
    const rest = words.filter((word) => word !== chosen[place]!.word);
    return rest.length === 0 ? [] : [{ words: rest, label: place, speaker }];
  });
}
