import { isPlainWord } from './plain-text.ts';

/** Endings of words, not of surnames: "er" is missing. */
const ENDINGS = ['ing', 'ed', 'ly', 'ness', 'able', 'ment', 'ful', 'less'];
/** Letters of a word that is kept. */
const [LEAST_LETTERS, MOST_LETTERS] = [3, 12];

/**
 * Words of a pronouncing dictionary that can be written down from their sound, sorted. Left out are words with an
 * apostrophe, with two pronunciations or with the pronunciation of another word, and words without a relative: "walk" has
 * "walking", and most surnames have none.
 * @param pronunciations phonemes by word, in CMUdict's notation: further pronunciations have keys such as `a(2)`
 */
export function spokenWords(pronunciations: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(pronunciations);
  const wordsBySound = new Map<string, number>();
  for (const [, sound] of entries) {
    const key = soundOf(sound);
    wordsBySound.set(key, (wordsBySound.get(key) ?? 0) + 1);
  }
  const known = new Set(entries.map(([word]) => word));
  return entries
    .filter(([word, sound]) => {
      if (word.length < LEAST_LETTERS || word.length > MOST_LETTERS || word.includes("'")) return false;
      if (!isPlainWord(word) || known.has(`${word}(2)`) || !hasRelative(word, known)) return false;
      return wordsBySound.get(soundOf(sound)) === 1;
    })
    .map(([word]) => word)
    .sort();
}

/** Phonemes without their stress. */
const soundOf = (phonemes: string): string => phonemes.replaceAll(/\d/g, '');

function hasRelative(word: string, known: ReadonlySet<string>): boolean {
  const stem = word.replace(/e$/, '');
  return ENDINGS.some((ending) => {
    if (known.has(word + ending) || known.has(stem + ending)) return true;
    const shorter = word.slice(0, -ending.length);
    return word.endsWith(ending) && (known.has(shorter) || known.has(`${shorter}e`));
  });
}
