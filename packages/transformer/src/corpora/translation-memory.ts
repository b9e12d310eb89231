import { wordsOf, type SentencePair } from './sentence-pair.ts';

/** Nearest-neighbor search by English text: cosine similarity of tf-idf vectors. */
export class TranslationMemory {
  readonly #pairs: readonly SentencePair[];
  /** Pairs that contain a word, with its count in each. */
  readonly #pairsByWord = new Map<string, { readonly index: number; readonly count: number }[]>();
  readonly #norms: Float64Array;

  /** @param pairs at least one */
  constructor(pairs: readonly SentencePair[]) {
    this.#pairs = pairs;
    const counted = pairs.map(({ english }) => countsOf(english));
    for (const [index, counts] of counted.entries())
      for (const [word, count] of counts) {
        const having = this.#pairsByWord.get(word);
        if (having === undefined) this.#pairsByWord.set(word, [{ index, count }]);
        else having.push({ index, count });
      }
    this.#norms = Float64Array.from(counted, (counts) => this.#norm(counts));
  }

  /** Pair with the most similar English; the first on ties, or if no word is known. */
  nearest(english: string): SentencePair {
    const products = new Map<number, number>();
    for (const [word, count] of countsOf(english))
      for (const { index, count: there } of this.#pairsByWord.get(word) ?? [])
        products.set(index, (products.get(index) ?? 0) + count * there * this.#inverseDocumentFrequency(word) ** 2);
    let [best, similarity] = [0, -Infinity];
    for (const [index, product] of products) {
      const cosine = product / this.#norms[index]!;
      if (cosine > similarity || (cosine === similarity && index < best)) [best, similarity] = [index, cosine];
    }
    return this.#pairs[best]!;
  }

  /** log(N / n), where n of the N pairs contain the word. */
  #inverseDocumentFrequency(word: string): number {
    return Math.log(this.#pairs.length / this.#pairsByWord.get(word)!.length);
  }

  #norm(counts: ReadonlyMap<string, number>): number {
    let sum = 0;
    for (const [word, count] of counts) sum += (count * this.#inverseDocumentFrequency(word)) ** 2;
    return Math.sqrt(sum) || 1;
  }
}

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
