const ROOT = 0;
/** No such node. */
export const ABSENT = -1;
const FIRST_CAPACITY = 1 << 12;

/**
 * All n-grams of a sequence up to a length, as a tree in typed arrays: a node's children are its continuations by one
 * symbol. Children are found in a hash table of (parent, symbol), exactly.
 */
export class NgramTree {
  readonly root = ROOT;
  #size = 1;
  #parents = new Int32Array(FIRST_CAPACITY);
  #symbols = new Int32Array(FIRST_CAPACITY);
  #counts = new Int32Array(FIRST_CAPACITY);
  #lengths = new Uint8Array(FIRST_CAPACITY);
  /** Open addressing, at most half full; 0, the root, is no child and so stands for an empty place. */
  #table = new Int32Array(2 * FIRST_CAPACITY);

  /** Nodes, the empty n-gram included. */
  get size(): number {
    return this.#size;
  }

  /** How many symbols a node's n-gram has. */
  length(node: number): number {
    return this.#lengths[node]!;
  }

  parent(node: number): number {
    return this.#parents[node]!;
  }

  count(node: number): number {
    return this.#counts[node]!;
  }

  increment(node: number): void {
    this.#counts[node]!++;
  }

  /** The n-gram `parent` followed by `symbol`; ABSENT where it was never added. */
  child(parent: number, symbol: number): number {
    const node = this.#table[this.#placeOf(parent, symbol)]!;
    return node === ROOT ? ABSENT : node;
  }

  /** Adds the n-gram `parent` followed by `symbol`, which the tree lacks. */
  add(parent: number, symbol: number): number {
    if (this.#size === this.#parents.length) this.#grow();
    const node = this.#size++;
    this.#parents[node] = parent;
    this.#symbols[node] = symbol;
    this.#lengths[node] = this.#lengths[parent]! + 1;
    this.#table[this.#placeOf(parent, symbol)] = node;
    return node;
  }

  /** Where in the table a child is, or would be. */
  #placeOf(parent: number, symbol: number): number {
    const mask = this.#table.length - 1;
    let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    let place = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const node = this.#table[place]!;
      if (node === ROOT || (this.#parents[node] === parent && this.#symbols[node] === symbol)) return place;
      place = (place + 1) & mask;
    }
  }

  #grow(): void {
    const capacity = 2 * this.#parents.length;
    this.#parents = enlarged(this.#parents, new Int32Array(capacity));
    this.#symbols = enlarged(this.#symbols, new Int32Array(capacity));
    this.#counts = enlarged(this.#counts, new Int32Array(capacity));
    this.#lengths = enlarged(this.#lengths, new Uint8Array(capacity));
    this.#table = new Int32Array(2 * capacity);
    for (let node = 1; node < this.#size; node++)
      this.#table[this.#placeOf(this.#parents[node]!, this.#symbols[node]!)] = node;
  }
}

function enlarged<Values extends Int32Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
