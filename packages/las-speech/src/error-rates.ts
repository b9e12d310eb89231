import { RandomNumbers } from '@motley/run';
import { align, countEdits, distanceOf, type EditCounts } from './edit-distance.ts';

/** A transcript, and what a recognizer heard. */
export interface Transcription {
  readonly reference: string;
  readonly hypothesis: string;
  /** Kind of the transcript, for rates by group. */
  readonly kind?: string | undefined;
}

export type Unit = 'characters' | 'words';

/** A figure over a set of utterances, with the ends of its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Numbers of edits over a set of utterances, and their share of what was said. */
export interface ErrorRate extends EditCounts {
  /** Edits over the length of all references: above 1 where a recognizer says much more than was said. */
  readonly rate: number;
  /** Symbols of all references. */
  readonly length: number;
}

/** The measures of a test set. */
export interface ErrorRates {
  readonly utterances: number;
  readonly characterErrorRate: Estimate;
  readonly wordErrorRate: Estimate;
  /** Levenshtein distance of letters per utterance. */
  readonly meanDistance: Estimate;
  /** Share of utterances with at least one wrong letter. */
  readonly utteranceErrorRate: Estimate;
}

export interface IntervalOptions {
  /** Seed of the resamples. Default 1 */
  readonly seed?: number;
  /** Default 1000 */
  readonly resamples?: number;
  /**
   * Utterances with the same name are drawn together, such as those of a speaker: the interval then says what other
   * speakers would do. Default each utterance alone.
   */
  readonly clusters?: readonly string[];
}

const RESAMPLES = 1000;
const SEED = 1;
/** Probability that lies below an interval, and above it. */
const TAIL = 0.025;

/** Letters of a text: its code points, spaces too. */
export function lettersOf(text: string): string[] {
  return Array.from(text);
}

/** Words of a text, between white space. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

function unitsOf(text: string, unit: Unit): string[] {
  return unit === 'words' ? wordsOf(text) : lettersOf(text);
}

/**
 * Error rate of a set: the edits of all utterances over the length of all references, so that long utterances weigh
 * more than in a mean of rates.
 * @throws RangeError where the references are empty
 */
export function errorRate(transcriptions: readonly Transcription[], unit: Unit): ErrorRate {
  const sums = { hits: 0, substitutions: 0, insertions: 0, deletions: 0 };
  for (const { reference, hypothesis } of transcriptions) {
    const counts = countEdits(unitsOf(reference, unit), unitsOf(hypothesis, unit));
    for (const name of ['hits', 'substitutions', 'insertions', 'deletions'] as const) sums[name] += counts[name];
  }
  const length = sums.hits + sums.substitutions + sums.deletions;
  checkLength(length, unit);
  return { ...sums, rate: distanceOf(sums) / length, length };
}

/**
 * Character and word error rates, mean distance and share of wrong utterances, each with a percentile bootstrap
 * interval of 95 % over utterances (Bisani & Ney 2004).
 * @throws RangeError where there is no word in the references, or `clusters` has another length
 */
export function errorRates(transcriptions: readonly Transcription[], options: IntervalOptions = {}): ErrorRates {
  const table = errorTable(transcriptions);
  for (const unit of ['characters', 'words'] as const) checkLength(sumOf(table[unit].lengths), unit);
  const columns = [
    ratioColumn(table.characters.edits, table.characters.lengths),
    ratioColumn(table.words.edits, table.words.lengths),
    ratioColumn(table.characters.edits, table.utterances),
    ratioColumn(
      table.characters.edits.map((edits) => Math.min(edits, 1)),
      table.utterances,
    ),
  ];
  const [characterErrorRate, wordErrorRate, meanDistance, utteranceErrorRate] = bootstrap(columns, options);
  return {
    utterances: transcriptions.length,
    characterErrorRate: characterErrorRate!,
    wordErrorRate: wordErrorRate!,
    meanDistance: meanDistance!,
    utteranceErrorRate: utteranceErrorRate!,
  };
}

/** How much lower the error rate of one recognizer is than that of another, on the same utterances. */
export interface RateDifference extends Estimate {
  /** Share of resamples in which the first recognizer has fewer errors. */
  readonly winningShare: number;
}

/**
 * Error rate of `first` minus that of `second`, which heard the same utterances: both are resampled together, so that
 * utterances that are hard for both widen no interval (Bisani & Ney 2004).
 * @throws RangeError where the references differ, or are empty
 */
export function compareErrorRates(
  first: readonly Transcription[],
  second: readonly Transcription[],
  unit: Unit,
  options: IntervalOptions = {},
): RateDifference {
  if (first.length !== second.length || first.some(({ reference }, at) => reference !== second[at]!.reference))
    throw new RangeError('comparison of error rates: expected the same references in the same order');
  const [one, other] = [first, second].map((each) => errorTable(each)[unit]);
  checkLength(sumOf(one!.lengths), unit);
  const gained = one!.edits.map((edits, at) => edits - other!.edits[at]!);
  let wins = 0;
  const [difference] = bootstrap([ratioColumn(gained, one!.lengths)], options, (values) => {
    wins = values.filter((value) => value < 0).length / values.length;
  });
  return { ...difference!, winningShare: wins };
}

/**
 * Error rates of groups of utterances, such as speakers, lengths or levels of noise; groups without a word are left out.
 * @param groupOf name of an utterance's group
 * @returns groups in the order in which they first come
 */
export function errorRatesByGroup(
  transcriptions: readonly Transcription[],
  groupOf: (transcription: Transcription, index: number) => string,
  options: Omit<IntervalOptions, 'clusters'> = {},
): Map<string, ErrorRates> {
  const groups = new Map<string, Transcription[]>();
  for (const [index, each] of transcriptions.entries()) {
    const name = groupOf(each, index);
    const group = groups.get(name);
    if (group) group.push(each);
    else groups.set(name, [each]);
  }
  return new Map(
    [...groups].flatMap(([name, group]) =>
      group.some(({ reference }) => wordsOf(reference).length > 0) ? [[name, errorRates(group, options)] as const] : [],
    ),
  );
}

/**
 * Name of the range that a value lies in, for `errorRatesByGroup`: `below 10`, `10 to 20`, `20 and more`.
 * @param edges ascending, at least one; a value at an edge belongs to the range above
 */
export function rangeName(value: number, edges: readonly number[]): string {
  const above = edges.findIndex((edge) => value < edge);
  if (above === 0) return `below ${edges[0]!}`;
  return above < 0 ? `${edges.at(-1)!} and more` : `${edges[above - 1]!} to ${edges[above]!}`;
}

/** Name of no letter in `letterConfusions`. */
export const NO_LETTER = '∅';

/** Letters that were said, against letters that were heard. */
export interface Confusions {
  /** Letters in code point order, then `NO_LETTER`. */
  readonly symbols: readonly string[];
  /**
   * [S, S]: how often a symbol (row) was heard as another (column). Insertions have `NO_LETTER` as their row, deletions
   * as their column.
   */
  readonly counts: Int32Array;
}

/** Counts hits and confusions of letters over the alignments of `align`. */
export function letterConfusions(transcriptions: readonly Transcription[]): Confusions {
  const texts = transcriptions.flatMap(({ reference, hypothesis }) => [reference, hypothesis]);
  const letters = new Set(texts.flatMap((text) => lettersOf(text)));
  const symbols = [...[...letters].sort((one, other) => one.codePointAt(0)! - other.codePointAt(0)!), NO_LETTER];
  const places = new Map(symbols.map((symbol, place) => [symbol, place]));
  const counts = new Int32Array(symbols.length ** 2);
  for (const { reference, hypothesis } of transcriptions)
    for (const edit of align(lettersOf(reference), lettersOf(hypothesis))) {
      const [row, column] = [edit.reference, edit.hypothesis].map((symbol) => places.get(symbol ?? NO_LETTER)!);
      counts[row! * symbols.length + column!]!++;
    }
  return { symbols, counts };
}

/** The confusions that came most often, hits left out. */
export function commonestConfusions(
  { symbols, counts }: Confusions,
  most = 20,
): { readonly reference: string; readonly hypothesis: string; readonly count: number }[] {
  const found = Array.from(counts, (count, cell) => ({
    reference: symbols[Math.floor(cell / symbols.length)]!,
    hypothesis: symbols[cell % symbols.length]!,
    count,
  }));
  return found
    .filter(({ reference, hypothesis, count }) => count > 0 && reference !== hypothesis)
    .sort((one, other) => other.count - one.count)
    .slice(0, most);
}

/** Edits and lengths by utterance, [N] each. */
interface ErrorTable extends Readonly<Record<Unit, { readonly edits: Float64Array; readonly lengths: Float64Array }>> {
  /** Ones. */
  readonly utterances: Float64Array;
}

function errorTable(transcriptions: readonly Transcription[]): ErrorTable {
  const column = (unit: Unit) => {
    const edits = new Float64Array(transcriptions.length);
    const lengths = new Float64Array(transcriptions.length);
    for (const [index, { reference, hypothesis }] of transcriptions.entries()) {
      const units = unitsOf(reference, unit);
      edits[index] = distanceOf(countEdits(units, unitsOf(hypothesis, unit)));
      lengths[index] = units.length;
    }
    return { edits, lengths };
  };
  return {
    characters: column('characters'),
    words: column('words'),
    utterances: new Float64Array(transcriptions.length).fill(1),
  };
}

function checkLength(length: number, unit: Unit): void {
  if (length === 0) throw new RangeError(`error rate: expected references with ${unit}, got none`);
}

/** A figure that is the quotient of two sums over utterances. */
interface RatioColumn {
  readonly numerators: Float64Array;
  readonly denominators: Float64Array;
}

function ratioColumn(numerators: Float64Array, denominators: Float64Array): RatioColumn {
  return { numerators, denominators };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * Quotients over all utterances, and the percentiles of those over resamples with replacement, all columns over the
 * same ones.
 * @param onResamples gets each column's resampled values, ascending
 */
function bootstrap(
  columns: readonly RatioColumn[],
  { seed = SEED, resamples = RESAMPLES, clusters }: IntervalOptions,
  onResamples?: (values: Float64Array) => void,
): Estimate[] {
  const drawn = clusters ? columns.map((column) => summedByCluster(column, clusters)) : columns;
  const count = drawn[0]!.numerators.length;
  const random = RandomNumbers.fromSeed(seed);
  const samples = drawn.map(() => new Float64Array(resamples));
  for (let resample = 0; resample < resamples; resample++) {
    const places = random.integers(count, 0, count);
    for (const [at, { numerators, denominators }] of drawn.entries()) {
      let [numerator, denominator] = [0, 0];
      for (const place of places) {
        numerator += numerators[place]!;
        denominator += denominators[place]!;
      }
      // A resample of nothing but empty references has no errors to count.
      samples[at]![resample] = denominator === 0 ? 0 : numerator / denominator;
    }
  }
  return drawn.map(({ numerators, denominators }, at) => {
    const values = samples[at]!.sort();
    onResamples?.(values);
    return {
      value: sumOf(numerators) / sumOf(denominators),
      low: quantile(values, TAIL),
      high: quantile(values, 1 - TAIL),
    };
  });
}

function summedByCluster({ numerators, denominators }: RatioColumn, clusters: readonly string[]): RatioColumn {
  if (clusters.length !== numerators.length)
    throw new RangeError(`bootstrap: expected ${numerators.length} clusters, got ${clusters.length}`);
  const places = new Map([...new Set(clusters)].map((name, place) => [name, place]));
  const [numeratorSums, denominatorSums] = [numerators, denominators].map((values) => {
    const sums = new Float64Array(places.size);
    for (const [index, value] of values.entries()) sums[places.get(clusters[index]!)!]! += value;
    return sums;
  });
  return ratioColumn(numeratorSums!, denominatorSums!);
}

/** Linear interpolation between order statistics, as NumPy's default. */
function quantile(ascending: Float64Array, probability: number): number {
  const place = probability * (ascending.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below]! + (place - below) * (ascending[above]! - ascending[below]!);
}
