import { shown, UserError } from '@motley/run';

/** Labels that are told apart at once. */
const MOST_LABELS = 10_000;
const LONGEST_LABEL = 200;

/**
 * Labels of a list with commas: `pizza, steak, sushi`.
 * @throws UserError where it has fewer than two labels, a label twice, or too many or too long ones
 */
export function parseLabels(list: string): string[] {
  const labels = list
    .split(',')
    .map((label) => label.trim().replace(/\s+/g, ' '))
    .filter((label) => label !== '');
  const expected = '--labels: expected two labels or more with commas between them, "pizza, steak, sushi"';
  if (labels.length < 2) throw new UserError(`${expected}, found ${shown(list)}`);
  if (labels.length > MOST_LABELS) throw new UserError(`${expected}, at most ${MOST_LABELS}, found ${labels.length}`);
  const long = labels.find((label) => label.length > LONGEST_LABEL);
  if (long !== undefined)
    throw new UserError(`${expected}, each of at most ${LONGEST_LABEL} characters, found ${shown(long)}`);
  const seen = new Set<string>();
  for (const label of labels) {
    const key = label.toLowerCase();
    if (seen.has(key)) throw new UserError(`--labels: expected each label once, found ${shown(label)} twice`);
    seen.add(key);
  }
  return labels;
}

/** Thing that a label names, without article, quotation marks, asides in parentheses and the stop at the end. */
export function phraseOf(label: string): string {
  const plain = label
    .replace(/\([^)]*\)/g, ' ')
    .replace(/[“”"]/g, '')
    .replaceAll('’', "'")
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.!?\s]+$/, '')
    .replace(/^(?:an?|the|some)\s+/i, '');
  return plain === '' ? label.trim() : plain;
}

/** The noun with its article: `an apple`. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}
