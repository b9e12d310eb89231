/** A word of letters, with apostrophes inside only. */
const WORD = /^[a-z]+(?:'[a-z]+)*$/;
const LETTERS_THAT_ARE_WORDS: ReadonlySet<string> = new Set(['a', 'i', 'o']);
/** Words with a vowel that synthesizers read as an abbreviation or a Roman numeral, or spell. */
const READ_OTHERWISE: ReadonlySet<string> = new Set(['ii', 'iii', 'iv', 'vi', 'vii', 'viii', 'ix', 'xi', 'etc', 'ave']);

/** Whether a synthesizer reads a word by its letters: not as an abbreviation such as "mrs" or "st". */
export function isPlainWord(word: string): boolean {
  if (!WORD.test(word) || READ_OTHERWISE.has(word)) return false;
  return word.length === 1 ? LETTERS_THAT_ARE_WORDS.has(word) : /[aeiouy]/.test(word);
}

/** Whether a text is made of plain words, with one space between two. */
export function isPlainText(text: string): boolean {
  return text.split(' ').every(isPlainWord);
}
