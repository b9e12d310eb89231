import { ABSENT, NgramTree } from './n-gram-tree.ts';

/** Symbols by number, from 0. */
export type Tokens = Int32Array | Uint16Array;

/** The probability of the next symbol, given those before it. */
export interface NgramModel {
  /** In symbols, the one that is predicted included. */
  readonly order: number;
  /**
   * Of a text, in nats per symbol. The first symbols are predicted from what stands before them.
   * @throws RangeError where there are no tokens, or one is outside the vocabulary
   */
  negativeLogLikelihood(tokens: Tokens): number;
  /**
   * Of each symbol of the vocabulary [V], after a context of any length: its last `order - 1` symbols count.
   * @throws RangeError where a token is outside the vocabulary
   */
  probabilities(context: ArrayLike<number>): Float64Array;
}

/** The longest n-gram that is allowed. */
const MAX_ORDER = 32;

/** Counts above it share a discount. */
const DISCOUNTS = 3;

/** KenLM's, for a level that has not the counts to estimate its own (Heafield et al., 2013). */
const FALLBACK_DISCOUNTS: readonly number[] = [0, 0.5, 1, 1.5];

/**
 * Fits an n-gram model with interpolated modified Kneser–Ney smoothing (Chen & Goodman, 1998, equations 24 to 27):
 * p(w | h) = (c(h w) - D(c(h w))) / Σ c(h ·) + γ(h) p(w | h without its first symbol), down to 1 / V for the empty h.
 * Orders below the highest count the different symbols before an n-gram in place of its occurrences.
 *
 * @param tokens the training text, symbols from 0 to `vocabularySize - 1`
 * @param order 1 for unigrams, 2 for bigrams, …
 * @throws RangeError where there are no tokens, one is outside the vocabulary, or the order is not from 1 to 32
 */
export function fitNgram(tokens: Tokens, vocabularySize: number, order: number): NgramModel {
  if (!Number.isInteger(order) || order < 1 || order > MAX_ORDER)
    throw new RangeError(`n-gram model: expected an order from 1 to ${MAX_ORDER}, got ${order}`);
  checkTokens(tokens, vocabularySize);
  const tree = countNgrams(tokens, order);
  const discounts = estimateDiscounts(tree, order);
  return new KneserNey(tree, discounts, vocabularySize, order);
}

/** The tree of all n-grams up to `order`, with the counts of the doc comment above. */
function countNgrams(tokens: Tokens, order: number): NgramTree {
  const tree = new NgramTree();
  // The nodes of the last 0, 1, … symbols: at the start of the text there are fewer.
  const recent = [tree.root];
  for (const symbol of tokens) {
    let suffix = tree.root;
    for (const [length, context] of recent.entries()) {
      let node = tree.child(context, symbol);
      if (node === ABSENT) {
        node = tree.add(context, symbol);
        // New, it brings another symbol to stand before its suffix.
        if (length > 0) tree.increment(suffix);
      }
      if (length === order - 1) tree.increment(node);
      recent[length] = suffix;
      suffix = node;
    }
    if (recent.length < order) recent.push(suffix);
  }
  return tree;
}

/** What is taken off a count of 1, of 2, and of 3 and more, for each length of n-gram (equation 26). */
function estimateDiscounts(tree: NgramTree, order: number): number[][] {
  const countsOfCounts = Array.from({ length: order + 1 }, () => new Float64Array(DISCOUNTS + 2));
  for (let node = 1; node < tree.size; node++) {
    const count = tree.count(node);
    if (count <= DISCOUNTS + 1) countsOfCounts[tree.length(node)]![count]!++;
  }
  return countsOfCounts.map((n) => {
    if (n.subarray(1).includes(0)) return [...FALLBACK_DISCOUNTS];
    const y = n[1]! / (n[1]! + 2 * n[2]!);
    const estimated = [1, 2, 3].map((k) => k - ((k + 1) * y * n[k + 1]!) / n[k]!);
    // Without a discount, what was never seen after a context would be impossible.
    if (estimated.some((discount) => discount <= 0)) return [...FALLBACK_DISCOUNTS];
    return [0, ...estimated.map((discount, index) => Math.min(discount, index + 1))];
  });
}

class KneserNey implements NgramModel {
  readonly order: number;
  readonly #tree: NgramTree;
  readonly #discounts: readonly (readonly number[])[];
  readonly #vocabularySize: number;
  /** By node, as a context: the sum of its continuations' counts, and what the discounts took off that sum. */
  readonly #totals: Float64Array;
  readonly #discounted: Float64Array;

  constructor(tree: NgramTree, discounts: readonly (readonly number[])[], vocabularySize: number, order: number) {
    this.order = order;
    this.#tree = tree;
    this.#discounts = discounts;
    this.#vocabularySize = vocabularySize;
    this.#totals = new Float64Array(tree.size);
    this.#discounted = new Float64Array(tree.size);
    for (let node = 1; node < tree.size; node++) {
      const context = tree.parent(node);
      this.#totals[context]! += tree.count(node);
      this.#discounted[context]! += this.#discountOf(node);
    }
  }

  negativeLogLikelihood(tokens: Tokens): number {
    checkTokens(tokens, this.#vocabularySize);
    let contexts: readonly number[] = [this.#tree.root];
    let sum = 0;
    for (const symbol of tokens) {
      let probability = 1 / this.#vocabularySize;
      for (const context of contexts) probability = this.#interpolate(context, symbol, probability);
      sum -= Math.log(probability);
      contexts = this.#advance(contexts, symbol);
    }
    return sum / tokens.length;
  }

  probabilities(context: ArrayLike<number>): Float64Array {
    let contexts: readonly number[] = [this.#tree.root];
    const relevant = Int32Array.from(context).slice(Math.max(0, context.length - this.order + 1));
    if (relevant.length > 0) checkTokens(relevant, this.#vocabularySize);
    for (const symbol of relevant) contexts = this.#advance(contexts, symbol);
    const probabilities = new Float64Array(this.#vocabularySize).fill(1 / this.#vocabularySize);
    for (const node of contexts)
      for (const [symbol, lower] of probabilities.entries())
        probabilities[symbol] = this.#interpolate(node, symbol, lower);
    return probabilities;
  }

  /** The probability of `symbol` after a context, from that after the context without its first symbol. */
  #interpolate(context: number, symbol: number, lower: number): number {
    const total = this.#totals[context]!;
    // A context that is seen at the start of the text alone has no continuation that counts.
    if (total === 0) return lower;
    const node = this.#tree.child(context, symbol);
    const kept = node === ABSENT ? 0 : this.#tree.count(node) - this.#discountOf(node);
    return (kept + this.#discounted[context]! * lower) / total;
  }

  /** From the nodes of the last 0, 1, … symbols, as far as they were seen, to those with `symbol` after them. */
  #advance(contexts: readonly number[], symbol: number): number[] {
    const next = [this.#tree.root];
    for (const context of contexts.slice(0, this.order - 1)) {
      const node = this.#tree.child(context, symbol);
      if (node === ABSENT) break;
      next.push(node);
    }
    return next;
  }

  #discountOf(node: number): number {
    return this.#discounts[this.#tree.length(node)]![Math.min(this.#tree.count(node), DISCOUNTS)]!;
  }
}

function checkTokens(tokens: Tokens, vocabularySize: number): void {
  if (tokens.length === 0) throw new RangeError('n-gram model: expected tokens, got none');
  const at = tokens.findIndex((token: number) => !(token >= 0 && token < vocabularySize));
  if (at >= 0)
    throw new RangeError(
      `n-gram model: token ${at}: expected a number from 0 to ${vocabularySize - 1}, got ${tokens[at]!}`,
    );
}
