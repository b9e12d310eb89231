/** Before a sentence's first symbol; no symbol itself. */
const BEGINNING = '\uffff';

/**
 * The character before it and so many more, counted: p(c | h) = (n(h c) + d(h) p(c | h′)) / (n(h) + d(h)), where h′ is h
 * without its first character and d(h) how many different ones came after h (Witten & Bell, 1991, interpolated); at the
 * end of the line all are as likely.
 */
export class NGrams {
  readonly #order: number;
  readonly #end: number;
  readonly #symbols: number;
  /** By history: how often each symbol came after it, and how often it came. */
  readonly #counts = new Map<string, { total: number; readonly after: Map<number, number> }>();

  /**
   * @param order 1 unigram, 2 bigram, …
   * @param symbols how many different ones there are, the sentence's end among them
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

  /** Nats of each symbol of a sentence, its end the last. */
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

  /** Letters for symbols, behind one that begins: parts of a text are quick to look up. */
  #text(sentence: readonly number[]): string {
    return BEGINNING + String.fromCharCode(...sentence, this.#end);
  }

  /** What comes before a place, from nothing to `order` - 1 symbols. */
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
