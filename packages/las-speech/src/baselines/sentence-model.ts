import { NgramCounts } from './ngram-counts.ts';

/** Longest n-grams. */
const MOST_ORDER = 16;

/** Discounts of KenLM for orders with too few counts to estimate them (Heafield et al., 2013). */
const FALLBACK_DISCOUNTS: readonly number[] = [0, 0.5, 1, 1.5];

export interface SentenceModelOptions {
  /** Length of the n-grams, predicted symbol included. */
  readonly order: number;
  /** Symbols that sentences may have, beside those of the training sentences. */
  readonly vocabulary?: readonly string[];
}

/** Where a sentence stands: an n-gram that the model knows, in which all that matters has been read. */
export type SentenceState = number;

/**
 * N-gram model of whole sentences of letters or words, with interpolated modified Kneser–Ney smoothing (Chen & Goodman
 * 1998, equations 24 to 27): p(w | h) = (c(h w) - D(c(h w))) / Σ c(h ·) + γ(h) p(w | h without its first symbol), down
 * to 1 / (V + 1) for the empty h, V symbols and the end. N-grams shorter than the order count the distinct symbols
 * before them instead of their occurrences; those at the beginning of a sentence, which nothing precedes, their
 * occurrences.
 */
export class SentenceModel {
  readonly order: number;
  /** Symbols in the order in which they first came. */
  readonly symbols: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  readonly #counts: NgramCounts;
  /** Natural logarithm of p(last symbol | the others) of every n-gram. */
  readonly #logProbabilities: Float64Array;
  /** Natural logarithm of γ of every n-gram as a history; 0 where nothing followed it. */
  readonly #logBackoffs: Float64Array;

  /**
   * @param sentences symbols of each sentence, without begin and end
   * @throws RangeError where there is no sentence, or the order is not from 1 to 16
   */
  constructor(sentences: readonly (readonly string[])[], { order, vocabulary = [] }: SentenceModelOptions) {
    if (!Number.isInteger(order) || order < 1 || order > MOST_ORDER)
      throw new RangeError(`sentence model: expected an order from 1 to ${MOST_ORDER}, got ${order}`);
    if (sentences.length === 0) throw new RangeError('sentence model: expected training sentences, got none');
    this.order = order;
    this.symbols = [...new Set([...sentences, vocabulary].flat())];
    this.#ids = new Map(this.symbols.map((symbol, id) => [symbol, id]));
    const coded = sentences.map((sentence) => this.#encode(sentence));
    this.#counts = new NgramCounts(coded, this.symbols.length, order);
    const smoothed = smooth(this.#counts, order);
    this.#logProbabilities = smoothed.logProbabilities;
    this.#logBackoffs = smoothed.logBackoffs;
  }

  /** State before the first symbol. */
  get beginning(): SentenceState {
    return this.#counts.beginning;
  }

  /**
   * Log-probability of a symbol in a state, in nats, and the state after it.
   * @param symbol undefined for the end of the sentence
   * @throws RangeError for a symbol outside the vocabulary
   */
  read(state: SentenceState, symbol: string | undefined): { logProbability: number; state: SentenceState } {
    return this.#readId(state, this.#idOf(symbol));
  }

  /** Log-probability of a sentence and its end, in nats. */
  logProbability(sentence: readonly string[]): number {
    let { logProbability, state } = { logProbability: 0, state: this.beginning };
    for (const id of [...this.#encode(sentence), this.#counts.end]) {
      const next = this.#readId(state, id);
      logProbability += next.logProbability;
      state = next.state;
    }
    return logProbability;
  }

  /**
   * Mean surprisal of sentences in bits per symbol: that of their ends is included, and the ends are no symbols.
   * @throws RangeError where there is no symbol, or one is outside the vocabulary
   */
  bitsPerSymbol(sentences: readonly (readonly string[])[]): number {
    const length = sentences.reduce((sum, sentence) => sum + sentence.length, 0);
    if (length === 0) throw new RangeError('bits per symbol: expected sentences with symbols, got none');
    return -sentences.reduce((sum, sentence) => sum + this.logProbability(sentence), 0) / length / Math.LN2;
  }

  /** Every n-gram of the model that a language model's file lists, by length, shortest first. */
  *ngrams(length: number): Generator<SentenceNgram> {
    const { beginning, end } = this.#counts;
    for (const node of this.#counts.ofLength(length)) {
      const ids = this.#counts.symbolsOf(node);
      yield {
        symbols: ids.map((id) => (id === end ? '</s>' : (this.symbols[id] ?? '<s>'))),
        logProbability: node === beginning ? -Infinity : this.#logProbabilities[node]!,
        logBackoff: this.#logBackoffs[node]!,
      };
    }
  }

  #encode(sentence: readonly string[]): number[] {
    return sentence.map((symbol) => this.#idOf(symbol));
  }

  #idOf(symbol: string | undefined): number {
    if (symbol === undefined) return this.symbols.length;
    const id = this.#ids.get(symbol);
    if (id === undefined)
      throw new RangeError(`sentence model: expected a symbol of the vocabulary, got ${JSON.stringify(symbol)}`);
    return id;
  }

  #readId(state: SentenceState, id: number): { logProbability: number; state: SentenceState } {
    const counts = this.#counts;
    let [history, logProbability] = [state, 0];
    for (;;) {
      const found = counts.child(history, id);
      if (found !== undefined)
        return { logProbability: logProbability + this.#logProbabilities[found]!, state: counts.asHistory(found) };
      logProbability += this.#logBackoffs[history]!;
      history = counts.suffix(history);
    }
  }
}

export interface SentenceNgram {
  /** `<s>` for the beginning, `</s>` for the end. */
  readonly symbols: readonly string[];
  /** In nats. */
  readonly logProbability: number;
  /** In nats. */
  readonly logBackoff: number;
}

/** Probabilities and back-off weights of all n-grams, shorter ones first. */
function smooth(counts: NgramCounts, order: number): Record<'logProbabilities' | 'logBackoffs', Float64Array> {
  const probabilities = new Float64Array(counts.size);
  const totals = new Float64Array(counts.size);
  const freed = new Float64Array(counts.size);
  for (let length = 1; length <= order; length++) {
    const discounts = discountsOf(counts, length);
    const nodes = counts.ofLength(length);
    for (const node of nodes) {
      const parent = counts.parent(node);
      totals[parent]! += counts.count(node);
      freed[parent]! += discountOf(discounts, counts.count(node));
    }
    for (const node of nodes) {
      const parent = counts.parent(node);
      const lower = length === 1 ? 1 / counts.predictedSymbols : probabilities[counts.suffix(node)]!;
      const kept = counts.count(node) - discountOf(discounts, counts.count(node));
      probabilities[node] = (kept + freed[parent]! * lower) / totals[parent]!;
    }
  }
  return {
    logProbabilities: probabilities.map(Math.log),
    logBackoffs: freed.map((mass, node) => (totals[node] === 0 ? 0 : Math.log(mass / totals[node]!))),
  };
}

function discountOf(discounts: readonly number[], count: number): number {
  return discounts[Math.min(count, discounts.length - 1)]!;
}

/** D(1), D(2) and D(3 and more) of the n-grams of a length (Chen & Goodman 1998, equation 26). */
function discountsOf(counts: NgramCounts, length: number): readonly number[] {
  const numbers = [0, 0, 0, 0, 0];
  for (const node of counts.ofLength(length)) {
    const count = counts.count(node);
    if (count < numbers.length) numbers[count]!++;
  }
  const y = numbers[1]! / (numbers[1]! + 2 * numbers[2]!);
  const estimated = [1, 2, 3].map((count) => count - ((count + 1) * y * numbers[count + 1]!) / numbers[count]!);
  // Nothing may be taken that is not there, and something must be left for what was never seen.
  return estimated.every((discount, index) => discount > 0 && discount <= index + 1)
    ? [0, ...estimated]
    : FALLBACK_DISCOUNTS;
}
