/** A word of letters, with apostrophes inside only. */
const WORD = /^[a-z]+(?:'[a-z]+)*$/;
const LETTERS_THAT_ARE_WORDS: ReadonlySet<string> = new Set(['a', 'i', 'o']);
/** Roman numerals below 90 of two letters or more. No English word is among them. */
const ROMAN_NUMERAL = /^(?=..)l?x{0,3}(?:ix|iv|v?i{0,3})$/;
/** Abbreviations with a vowel. */
const ABBREVIATIONS: ReadonlySet<string> = new Set(['etc', 'ave']);

/** Whether a synthesizer reads a word by its letters: not as an abbreviation such as "mrs" or "st". */
export function isPlainWord(word: string): boolean {
  if (!WORD.test(word) || ROMAN_NUMERAL.test(word) || ABBREVIATIONS.has(word)) return false;
  return word.length === 1 ? LETTERS_THAT_ARE_WORDS.has(word) : /[aeiouy]/.test(word);
}

/** Whether a text is made of plain words, with one space between two. */
export function isPlainText(text: string): boolean {
  return text.split(' ').every(isPlainWord);
}
