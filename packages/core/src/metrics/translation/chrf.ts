import { countMatches, countNGrams, pairUp, splitAtSpaces } from './n-grams.ts';

const CHARACTER_ORDER = 6;
const BETA_SQUARED = 4;
const MARKS = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

export interface ChrfOptions {
  /** Maximum order of the word n-grams that also count. Default 0, plain chrF; 2 is chrF++ (Popović, 2017). */
  readonly wordOrder?: number;
}

/** Number of n-grams of one order in the hypothesis, in the reference, and in both. */
type Counts = readonly [hypothesis: number, reference: number, matches: number];

/**
 * Corpus chrF2, 0 to 100 (Popović, 2015): the F2 score of mean precision and mean recall over character 1- to 6-grams,
 * ignoring white space. F2 weights recall twice as much as precision. Matches sacreBLEU: counts are summed over the
 * corpus, each sentence uses its best reference, and orders longer than the text are skipped.
 * @param references one or several per hypothesis
 * @throws RangeError if the numbers of hypotheses and references differ
 */
export function chrf(
  hypotheses: readonly string[],
  references: readonly (string | readonly string[])[],
  { wordOrder = 0 }: ChrfOptions = {},
): number {
  let sums: Counts[] = Array.from({ length: CHARACTER_ORDER + wordOrder }, () => [0, 0, 0]);
  for (const [hypothesis, ofThis] of pairUp(hypotheses, references)) {
    const found = allNGrams(hypothesis, wordOrder);
    const candidates = ofThis.map((reference) => compare(found, allNGrams(reference, wordOrder)));
    const best = candidates.reduce((a, b) => (fScore(b) > fScore(a) ? b : a));
    sums = sums.map((sum, order) => [0, 1, 2].map((each) => sum[each]! + best[order]![each]!) as unknown as Counts);
  }
  return fScore(sums);
}

function allNGrams(text: string, wordOrder: number): Map<string, number>[] {
  const characters = Array.from(splitAtSpaces(text).join(''));
  const words = wordOrder === 0 ? [] : separateMarks(text);
  return [
    ...Array.from({ length: CHARACTER_ORDER }, (_, index) => countNGrams(characters, index + 1)),
    ...Array.from({ length: wordOrder }, (_, index) => countNGrams(words, index + 1, ' ')),
  ];
}

/** Separates a punctuation mark at the end of a word, or else one at its beginning. */
function separateMarks(text: string): string[] {
  return splitAtSpaces(text).flatMap((word) => {
    const characters = Array.from(word);
    if (characters.length === 1) return [word];
    if (MARKS.has(characters.at(-1)!)) return [characters.slice(0, -1).join(''), characters.at(-1)!];
    if (MARKS.has(characters[0]!)) return [characters[0]!, characters.slice(1).join('')];
    return [word];
  });
}

function compare(found: readonly Map<string, number>[], wanted: readonly Map<string, number>[]): Counts[] {
  return found.map((counts, order) => {
    const ofReference = wanted[order]!;
    // An order longer than the reference does not count against the hypothesis.
    return [ofReference.size === 0 ? 0 : sum(counts), sum(ofReference), countMatches(counts, ofReference)];
  });
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

function fScore(orders: readonly Counts[]): number {
  const used = orders.filter(([hypothesis, reference]) => hypothesis > 0 && reference > 0);
  if (used.length === 0) return 0;
  const precision = used.reduce((total, [hypothesis, , matches]) => total + matches / hypothesis, 0) / used.length;
  const recall = used.reduce((total, [, reference, matches]) => total + matches / reference, 0) / used.length;
  if (precision + recall === 0) return 0;
  return (100 * (1 + BETA_SQUARED) * precision * recall) / (BETA_SQUARED * precision + recall);
}
