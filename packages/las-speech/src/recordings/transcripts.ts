import { Alphabet, LETTERS, type Language } from '../alphabet.ts';
import type { DropReason } from './recording.ts';

/** A text in the letters of a language, or why there is none. */
export type Transcript = { readonly text: string } | { readonly reason: DropReason };

const alphabets = {
  english: Alphabet.of('english'),
  czech: Alphabet.of('czech'),
  dutch: Alphabet.of('dutch'),
} satisfies Record<Language, Alphabet>;

/** Signs that stand for words, or mark what is not spoken. */
const MARKUP = /[<>[\]{}()\\/|#%&@=+*_^~$€£]/u;
const APOSTROPHES = /[’‘ʼ´`]/gu;
const LOOSE_APOSTROPHE = /(?<!\p{L})'(?!\p{L})/gu;
const NO_LETTER = /[^\p{L}\p{M}']+/gu;

/**
 * Turns a written line into the letters that are spoken: lower case, no punctuation, one space between words. Lines
 * whose spoken form is not written are refused: those of digits, of signs such as `%`, or of foreign letters.
 */
export function transcriptOf(line: string, language: Language): Transcript {
  const composed = line.normalize('NFC').toLowerCase();
  if (/\p{N}/u.test(composed)) return { reason: 'digits' };
  if (MARKUP.test(composed)) return { reason: 'markup' };
  const apostrophe = alphabets[language].has("'") ? "'" : '';
  const text = composed
    .replace(APOSTROPHES, "'")
    .replace(LOOSE_APOSTROPHE, ' ')
    .replace(NO_LETTER, ' ')
    .replaceAll("'", apostrophe)
    .trim();
  if (text === '') return { reason: 'no text' };
  return Array.from(text).every((letter) => alphabets[language].has(letter)) ? { text } : { reason: 'letters' };
}

/** The language's letters that a list of texts uses, sorted as in its alphabet. */
export function lettersOf(texts: Iterable<string>, language: Language): string {
  const found = new Set<string>();
  for (const text of texts) for (const letter of text) found.add(letter);
  return Array.from(LETTERS[language])
    .filter((letter) => found.has(letter))
    .join('');
}
