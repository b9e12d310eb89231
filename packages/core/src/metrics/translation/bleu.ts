import { countMatches, countNGrams, pairUp } from './n-grams.ts';
import { tokenize13a } from './tokenize-13a.ts';

const MAX_ORDER = 4;
/** Separates the tokens of an n-gram. No token contains it. */
const SEPARATOR = ' ';

/** BLEU and its components. */
export interface BleuScore {
  /** 0 to 100. */
  readonly score: number;
  /** Precisions of 1- to 4-grams, in percent. An order without matches is smoothed. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  /** Number of words in the hypotheses. */
  readonly hypothesisLength: number;
  /** Number of words in the references, taking for each sentence the reference closest in length. */
  readonly referenceLength: number;
}

export interface BleuOptions {
  /** Skips orders longer than every hypothesis. Meant for single sentences. */
  readonly effectiveOrder?: boolean;
}

/**
 * Corpus BLEU (Papineni et al., 2002): the geometric mean of the 1- to 4-gram precisions, times the brevity penalty.
 * The penalty is exp(1 - r/c) if the hypotheses have fewer words (c) than the references (r), else 1. Matches sacreBLEU
 * (Post, 2018): cased, `13a` tokenization, exponential smoothing. Smoothing counts the first order without matches as
 * half a match, the next as a quarter (Chen & Cherry, 2014, method 3).
 * @param references one or several per hypothesis
 * @throws RangeError if the numbers of hypotheses and references differ
 */
export function bleu(
  hypotheses: readonly string[],
  references: readonly (string | readonly string[])[],
  { effectiveOrder = false }: BleuOptions = {},
): BleuScore {
  const correct = new Array<number>(MAX_ORDER).fill(0);
  const total = new Array<number>(MAX_ORDER).fill(0);
  let hypothesisLength = 0;
  let referenceLength = 0;
  for (const [hypothesis, ofThis] of pairUp(hypotheses, references)) {
    const words = tokenize13a(hypothesis.trimEnd());
    const referenceWords = ofThis.map((reference) => tokenize13a(reference.trimEnd()));
    hypothesisLength += words.length;
    referenceLength += nearestLength(words.length, referenceWords);
    for (let order = 1; order <= MAX_ORDER; order++) {
      const wanted = new Map<string, number>();
      for (const each of referenceWords) {
        for (const [key, count] of countNGrams(each, order, SEPARATOR))
          wanted.set(key, Math.max(wanted.get(key) ?? 0, count));
      }
      correct[order - 1]! += countMatches(countNGrams(words, order, SEPARATOR), wanted);
      total[order - 1]! += Math.max(words.length - order + 1, 0);
    }
  }
  const brevityPenalty = brevity(hypothesisLength, referenceLength);
  const precisions = smoothedPrecisions(correct, total);
  const orders = effectiveOrder ? total.filter((count) => count > 0).length : MAX_ORDER;
  const isZero = correct.every((count) => count === 0) || precisions.slice(0, orders).includes(0);
  const logarithms = precisions.slice(0, orders).reduce((sum, precision) => sum + Math.log(precision), 0);
  const score = isZero ? 0 : brevityPenalty * Math.exp(logarithms / orders);
  return { score, precisions, brevityPenalty, hypothesisLength, referenceLength };
}

/** Reference length closest to the hypothesis length. A tie goes to the shorter one. */
function nearestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((words) => words.length);
  return lengths.reduce((best, each) => {
    const difference = Math.abs(each - length) - Math.abs(best - length);
    return difference < 0 || (difference === 0 && each < best) ? each : best;
  });
}

function brevity(hypothesisLength: number, referenceLength: number): number {
  if (hypothesisLength >= referenceLength) return 1;
  return hypothesisLength > 0 ? Math.exp(1 - referenceLength / hypothesisLength) : 0;
}

function smoothedPrecisions(correct: readonly number[], total: readonly number[]): number[] {
  if (correct.every((count) => count === 0)) return correct.map(() => 0);
  let divisor = 1;
  return correct.map((count, index) => {
    const all = total[index]!;
    if (all === 0) return 0;
    if (count > 0) return (100 * count) / all;
    divisor *= 2;
    return 100 / (divisor * all);
  });
}
