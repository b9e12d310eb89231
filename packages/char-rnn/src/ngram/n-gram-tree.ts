const ROOT = 0;
/** Index for a node that does not exist. */
export const ABSENT = -1;
const FIRST_CAPACITY = 1 << 12;

/**
 * Trie of all n-grams of a sequence up to a length, in typed arrays. A node's children extend its n-gram by one symbol. A
 * hash table with keys (parent, symbol) finds children.
 */
export class NgramTree {
  readonly root = ROOT;
  #size = 1;
  #parents = new Int32Array(FIRST_CAPACITY);
  #symbols = new Int32Array(FIRST_CAPACITY);
  #counts = new Int32Array(FIRST_CAPACITY);
  #lengths = new Uint8Array(FIRST_CAPACITY);
  /** Open addressing, at most half full; 0 marks an empty slot, as the root is no child. */
  #table = new Int32Array(2 * FIRST_CAPACITY);

  /** Number of nodes, root included. */
  get size(): number {
    return this.#size;
  }

  /** Length of a node's n-gram. */
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

  /** The n-gram `parent` followed by `symbol`; ABSENT if the tree lacks it. */
  child(parent: number, symbol: number): number {
    const node = this.#table[this.#slotOf(parent, symbol)]!;
    return node === ROOT ? ABSENT : node;
  }

  /** Adds the n-gram `parent` followed by `symbol`, which the tree lacks. */
  add(parent: number, symbol: number): number {
    if (this.#size === this.#parents.length) this.#grow();
    const node = this.#size++;
    this.#parents[node] = parent;
    this.#symbols[node] = symbol;
    this.#lengths[node] = this.#lengths[parent]! + 1;
    this.#table[this.#slotOf(parent, symbol)] = node;
    return node;
  }

  /** Table slot of a child, or the empty slot for it. */
  #slotOf(parent: number, symbol: number): number {
    const mask = this.#table.length - 1;
    let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const node = this.#table[slot]!;
      if (node === ROOT || (this.#parents[node] === parent && this.#symbols[node] === symbol)) return slot;
      slot = (slot + 1) & mask;
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
      this.#table[this.#slotOf(this.#parents[node]!, this.#symbols[node]!)] = node;
  }
}

function enlarged<Values extends Int32Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
