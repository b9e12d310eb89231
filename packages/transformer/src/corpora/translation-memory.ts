import { wordsOf, type SentencePair } from './sentence-pair.ts';

/** Finds the pair whose English is most similar to a text: the cosine of their words' counts, each times its rarity. */
export class TranslationMemory {
  readonly #pairs: readonly SentencePair[];
  /** By word: the pairs that have it, and how often. */
  readonly #having = new Map<string, { readonly index: number; readonly count: number }[]>();
  readonly #norms: Float64Array;

  /** @param pairs at least one */
  constructor(pairs: readonly SentencePair[]) {
    this.#pairs = pairs;
    const counted = pairs.map(({ english }) => countsOf(english));
    for (const [index, counts] of counted.entries())
      for (const [word, count] of counts) {
        const having = this.#having.get(word);
        if (having === undefined) this.#having.set(word, [{ index, count }]);
        else having.push({ index, count });
      }
    this.#norms = Float64Array.from(counted, (counts) => this.#norm(counts));
  }

  /** Of equally similar pairs, and where no word is known, the first. */
  nearest(english: string): SentencePair {
    const products = new Map<number, number>();
    for (const [word, count] of countsOf(english))
      for (const { index, count: there } of this.#having.get(word) ?? [])
        products.set(index, (products.get(index) ?? 0) + count * there * this.#rarity(word) ** 2);
    let [best, likeness] = [0, -Infinity];
    for (const [index, product] of products) {
      const cosine = product / this.#norms[index]!;
      if (cosine > likeness || (cosine === likeness && index < best)) [best, likeness] = [index, cosine];
    }
    return this.#pairs[best]!;
  }

  /** log(N / n), n of the N pairs having the word. */
  #rarity(word: string): number {
    return Math.log(this.#pairs.length / this.#having.get(word)!.length);
  }

  #norm(counts: ReadonlyMap<string, number>): number {
    let sum = 0;
    for (const [word, count] of counts) sum += (count * this.#rarity(word)) ** 2;
    return Math.sqrt(sum) || 1;
  }
}

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
