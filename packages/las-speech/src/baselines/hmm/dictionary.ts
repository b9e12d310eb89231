import { shown, UserError } from '@motley/run';

/** Sounds of words, for a recognizer that knows no letters. */
export type Dictionary = ReadonlyMap<string, readonly string[]>;

/** Sound between words, and around them. */
export const SILENCE = 'SIL';

const WORD = /^[\p{L}\p{M}']+$/u;

/**
 * A dictionary that has a letter for a sound, and knows of speech what a transcript says. Apostrophes are silent.
 * @throws UserError for a word of other characters, or without a letter
 */
export function letterDictionary(words: Iterable<string>): Map<string, readonly string[]> {
  const dictionary = new Map<string, readonly string[]>();
  for (const word of words) {
    const letters = Array.from(word.replaceAll("'", ''));
    if (!WORD.test(word) || letters.length === 0)
      throw new UserError(`hmm: expected words of letters and apostrophes, found ${shown(word)}`);
    dictionary.set(word, letters.map(soundOfLetter));
  }
  return dictionary;
}

/**
 * A dictionary of phones, for the words that have some.
 * @param pronunciations phones by word, as in the CMU Pronouncing Dictionary: `HH AH0 L OW1`; stress is dropped
 * @throws UserError for a pronunciation of other characters
 */
export function phoneDictionary(
  words: Iterable<string>,
  pronunciations: Readonly<Record<string, string>>,
): Map<string, readonly string[]> {
  const dictionary = new Map<string, readonly string[]>();
  for (const word of words) {
    const pronunciation = Object.hasOwn(pronunciations, word) ? pronunciations[word] : undefined;
    if (pronunciation === undefined || !WORD.test(word)) continue;
    const phones = pronunciation.trim().split(/\s+/u);
    if (!phones.every((phone) => /^[A-Z]{1,3}[0-2]?$/u.test(phone)))
      throw new UserError(`hmm: expected phones as HH or AH0, found ${shown(pronunciation)} for ${shown(word)}`);
    dictionary.set(
      word,
      phones.map((phone) => phone.replace(/\d$/u, '')),
    );
  }
  return dictionary;
}

/** Name of a letter as a sound: in ASCII, as the trainer splits its files by it. */
export function soundOfLetter(letter: string): string {
  return /^[a-z]$/u.test(letter) ? letter.toUpperCase() : `U${letter.codePointAt(0)!.toString(16).padStart(4, '0')}`;
}

/** The letter of a sound of `letterDictionary`; nothing for silence. */
export function letterOfSound(sound: string): string {
  const code = /^U([0-9a-f]{4,6})$/u.exec(sound)?.[1];
  if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
  return /^[A-Z]$/u.test(sound) ? sound.toLowerCase() : '';
}

/** Different words of texts, sorted. */
export function vocabularyOf(texts: Iterable<string>): string[] {
  const words = new Set<string>();
  for (const text of texts) for (const word of text.split(' ')) if (word !== '') words.add(word);
  return [...words].sort();
}
