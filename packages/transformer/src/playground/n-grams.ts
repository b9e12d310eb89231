/** Marks the beginning of a sentence. */
const BEGINNING = '\uffff';

/**
 * N-gram model with interpolated Witten–Bell smoothing (Witten & Bell, 1991):
 * p(c | h) = (n(h c) + d(h) p(c | h′)) / (n(h) + d(h)). h′ is h without its first character, and d(h) the number of
 * distinct characters after h. The recursion ends with the uniform distribution.
 */
export class NGrams {
  readonly #order: number;
  readonly #end: number;
  readonly #symbols: number;
  /** By history: counts of the symbols after it, and their total. */
  readonly #counts = new Map<string, { total: number; readonly after: Map<number, number> }>();

  /**
   * @param order 1 unigram, 2 bigram, …
   * @param symbols size of the vocabulary, end symbol included
   */
  constructor(
    sentences: readonly (readonly number[])[],
    { order, end, symbols }: { readonly order: number; readonly end: number; readonly symbols: number },
  ) {
    this.#order = order;
    this.#end = end;
    this.#symbols = symbols;
    for (const sentence of sentences) {
      const text = this.#text(sentence);
      for (let place = 1; place < text.length; place++)
        for (const history of this.#histories(text, place)) this.#count(history, text.charCodeAt(place));
    }
  }

  /** Negative log-likelihood of each symbol of a sentence and of its end, in nats. */
  losses(sentence: readonly number[]): number[] {
    const text = this.#text(sentence);
    return Array.from({ length: text.length - 1 }, (_, index) => {
      const symbol = text.charCodeAt(index + 1);
      const probability = this.#histories(text, index + 1).reduce((shorter, history) => {
        const counted = this.#counts.get(history);
        if (counted === undefined) return shorter;
        const { total, after } = counted;
        return ((after.get(symbol) ?? 0) + after.size * shorter) / (total + after.size);
      }, 1 / this.#symbols);
      return -Math.log(probability);
    });
  }

  /** Encodes a sentence as a string, whose substrings are fast keys. */
  #text(sentence: readonly number[]): string {
    return BEGINNING + [...sentence, this.#end].map((symbol) => String.fromCharCode(symbol)).join('');
  }

  /** Histories of a position, from 0 to `order` - 1 symbols. */
  #histories(text: string, place: number): string[] {
    const count = Math.min(this.#order, place + 1);
    return Array.from({ length: count }, (_, length) => text.slice(place - length, place));
  }

  #count(history: string, symbol: number): void {
    const counted = this.#counts.get(history) ?? { total: 0, after: new Map<number, number>() };
    counted.total++;
    counted.after.set(symbol, (counted.after.get(symbol) ?? 0) + 1);
    this.#counts.set(history, counted);
  }
}
