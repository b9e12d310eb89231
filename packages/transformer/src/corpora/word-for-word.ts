import { tokensOf } from './sentence-pair.ts';

/** Replaces each word by its entry in `words` (lower case), in the order of the English; unknown words stay. */
export function translateWords(english: string, words: ReadonlyMap<string, string>): string {
  const german = tokensOf(english).map((token) => words.get(token.toLowerCase()) ?? token);
  const text = german.join(' ').replaceAll(/ (?=[.,;:!?])/gu, '');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
