const ROOT = 0;

/**
 * Tree of the n-grams of sentences, up to a length. A node's n-gram is its parent's with one symbol more. Symbols are 0
 * to V - 1, V the end of a sentence, V + 1 its beginning, which is never predicted.
 */
export class NgramCounts {
  readonly end: number;
  readonly #begin: number;
  readonly #order: number;
  readonly #parents = [ROOT];
  readonly #symbols = [-1];
  readonly #suffixes = [ROOT];
  readonly #counts = [0];
  /** Nodes by the length of their n-grams. */
  readonly #levels: number[][];
  readonly #lengths = [0];
  /** Node by parent · (V + 2) + symbol. */
  readonly #children = new Map<number, number>();
  /** N-gram of the beginning of a sentence. */
  readonly beginning: number;

  /**
   * Counts sentences.
   * @param symbolCount V
   */
  constructor(sentences: readonly (readonly number[])[], symbolCount: number, order: number) {
    this.end = symbolCount;
    this.#begin = symbolCount + 1;
    this.#order = order;
    this.#levels = Array.from({ length: order + 1 }, () => []);
    // Every symbol has a unigram, so that reading ends at one.
    for (let symbol = 0; symbol <= this.end; symbol++) this.#add(ROOT, symbol, ROOT);
    // For unigrams alone, a sentence begins with nothing.
    this.beginning = order === 1 ? ROOT : this.#add(ROOT, this.#begin, ROOT);
    for (const sentence of sentences) this.#countSentence(sentence);
  }

  /** Number of nodes, the root included. */
  get size(): number {
    return this.#parents.length;
  }

  /** V and the end. */
  get predictedSymbols(): number {
    return this.end + 1;
  }

  ofLength(length: number): readonly number[] {
    return this.#levels[length]!;
  }

  parent(node: number): number {
    return this.#parents[node]!;
  }

  /** The n-gram without its first symbol. */
  suffix(node: number): number {
    return this.#suffixes[node]!;
  }

  /** Occurrences, or distinct symbols before the n-gram where it is shorter than the order. */
  count(node: number): number {
    return this.#counts[node]!;
  }

  child(parent: number, symbol: number): number | undefined {
    return this.#children.get(parent * (this.end + 2) + symbol);
  }

  /** The n-gram as the history of the next symbol: shortened by its first symbol where it has the whole order. */
  asHistory(node: number): number {
    return this.#lengths[node] === this.#order ? this.#suffixes[node]! : node;
  }

  symbolsOf(node: number): number[] {
    const symbols: number[] = [];
    for (let each = node; each !== ROOT; each = this.#parents[each]!) symbols.push(this.#symbols[each]!);
    return symbols.reverse();
  }

  #countSentence(sentence: readonly number[]): void {
    // Histories of 0, 1, … symbols, as long as the order allows.
    let histories = this.beginning === ROOT ? [ROOT] : [ROOT, this.beginning];
    for (const [position, symbol] of [...sentence, this.end].entries()) {
      const next = [ROOT];
      let suffix = ROOT;
      for (const [length, history] of histories.entries()) {
        let node = this.child(history, symbol);
        if (node === undefined) {
          node = this.#add(history, symbol, suffix);
          // A new n-gram is one more symbol before its suffix.
          this.#counts[suffix]!++;
        }
        const fromBeginning = length === position + 1;
        if (length === this.#order - 1 || fromBeginning) this.#counts[node]!++;
        suffix = node;
        if (length < this.#order - 1) next.push(node);
      }
      histories = next;
    }
  }

  #add(parent: number, symbol: number, suffix: number): number {
    const node = this.#parents.length;
    const length = this.#lengths[parent]! + 1;
    this.#parents.push(parent);
    this.#symbols.push(symbol);
    this.#suffixes.push(suffix);
    this.#counts.push(0);
    this.#lengths.push(length);
    this.#levels[length]!.push(node);
    this.#children.set(parent * (this.end + 2) + symbol, node);
    return node;
  }
}
