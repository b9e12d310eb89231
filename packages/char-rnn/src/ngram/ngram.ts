import { ABSENT, NgramTree } from './n-gram-tree.ts';

/** Symbol ids, from 0. */
export type Tokens = Int32Array | Uint16Array;

/** N-gram language model. */
export interface NgramModel {
  /** Order n: length of the n-grams, predicted symbol included. */
  readonly order: number;
  /**
   * Mean negative log-likelihood of a text, in nats per symbol. The first symbols have shorter contexts.
   * @throws RangeError if there are no tokens, or one is outside the vocabulary
   */
  negativeLogLikelihood(tokens: Tokens): number;
  /**
   * Probability of each symbol of the vocabulary, [V], after the last `order - 1` symbols of a context.
   * @throws RangeError if a token is outside the vocabulary
   */
  probabilities(context: ArrayLike<number>): Float64Array;
}

/** Maximum order. */
const MAX_ORDER = 32;

/** Counts from this on share a discount. */
const DISCOUNTS = 3;

/** Discounts of KenLM for orders with too few counts to estimate them (Heafield et al., 2013). */
const FALLBACK_DISCOUNTS: readonly number[] = [0, 0.5, 1, 1.5];

/**
 * Fits an n-gram model with interpolated modified Kneser–Ney smoothing (Chen & Goodman, 1998, equations 24 to 27):
 * p(w | h) = (c(h w) - D(c(h w))) / Σ c(h ·) + γ(h) p(w | h without its first symbol), down to 1 / V for the empty h.
 * Orders below the highest count the distinct symbols before an n-gram instead of its occurrences.
 *
 * @param tokens the training text, symbols from 0 to `vocabularySize - 1`
 * @param order 1 for unigrams, 2 for bigrams, …
 * @throws RangeError if there are no tokens, one is outside the vocabulary, or the order is not from 1 to 32
 */
export function fitNgram(tokens: Tokens, vocabularySize: number, order: number): NgramModel {
  if (!Number.isInteger(order) || order < 1 || order > MAX_ORDER)
    throw new RangeError(`n-gram model: expected an order from 1 to ${MAX_ORDER}, got ${order}`);
  checkTokens(tokens, vocabularySize);
  const tree = countNgrams(tokens, order);
  const discounts = estimateDiscounts(tree, order);
  return new KneserNey(tree, discounts, vocabularySize, order);
}

/** Tree of all n-grams up to `order`, with the counts defined at `fitNgram`. */
function countNgrams(tokens: Tokens, order: number): NgramTree {
  const tree = new NgramTree();
  // Nodes of the last 0, 1, … symbols; fewer at the start of the text.
  const recent = [tree.root];
  for (const symbol of tokens) {
    let suffix = tree.root;
    for (const [length, context] of recent.entries()) {
      let node = tree.child(context, symbol);
      if (node === ABSENT) {
        node = tree.add(context, symbol);
        // A new n-gram is a new left context of its suffix.
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

/** Discounts of counts 1, 2 and 3 or more, for each length of n-gram (equation 26). */
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
    // Without a discount, unseen symbols would have probability 0.
    if (estimated.some((discount) => discount <= 0)) return [...FALLBACK_DISCOUNTS];
    return [0, ...estimated.map((discount, index) => Math.min(discount, index + 1))];
  });
}

class KneserNey implements NgramModel {
  readonly order: number;
  readonly #tree: NgramTree;
  readonly #discounts: readonly (readonly number[])[];
  readonly #vocabularySize: number;
  /** Sum of the counts of a context's continuations, and sum of their discounts, by node. */
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

  /** Interpolates the probability of `symbol` after a context with `lower`, that after the shortened context. */
  #interpolate(context: number, symbol: number, lower: number): number {
    const total = this.#totals[context]!;
    // A context seen only at the start of the text has no counted continuation.
    if (total === 0) return lower;
    const node = this.#tree.child(context, symbol);
    const kept = node === ABSENT ? 0 : this.#tree.count(node) - this.#discountOf(node);
    return (kept + this.#discounted[context]! * lower) / total;
  }

  /** Appends `symbol` to the contexts of 0, 1, … symbols, as far as the tree has them. */
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
