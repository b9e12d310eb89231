import { isPlainText } from './plain-text.ts';

/** Words of a clause that is kept. */
const [LEAST_WORDS, MOST_WORDS] = [3, 9];
/** Characters of a clause that is kept. 52 take about three seconds. */
const [LEAST_CHARACTERS, MOST_CHARACTERS] = [12, 52];

/**
 * Clauses of a book, in the order of the book, each once: the text between two marks of punctuation, in lower case,
 * with hyphens as spaces. A clause is kept if it has 3 to 9 words, 12 to 52 characters, the letters a to z alone, and no
 * word that is read as an abbreviation.
 */
export function clausesOf(book: string): string[] {
  const text = book
    .toLowerCase()
    .replaceAll(/[‘’]/g, "'")
    // Quotation marks and line ends inside a sentence, but not apostrophes inside a word.
    .replaceAll(/(?<![a-z])'|'(?![a-z])|\r?\n(?!\r?\n)/g, ' ')
    .replaceAll(/(?<=[a-z])-(?=[a-z])/g, ' ');
  const clauses = new Set<string>();
  for (const part of text.split(/[^a-z' ]+/)) {
    const clause = part.trim().replaceAll(/ +/g, ' ');
    const words = clause.split(' ');
    const isFit = words.length >= LEAST_WORDS && words.length <= MOST_WORDS;
    if (isFit && clause.length >= LEAST_CHARACTERS && clause.length <= MOST_CHARACTERS && isPlainText(clause))
      clauses.add(clause);
  }
  return [...clauses];
}
