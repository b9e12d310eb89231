import { BpeTokenizer } from './bpe-tokenizer.ts';
import { BYTES_IN_ORDER } from './byte-characters.ts';
import { Heap } from './heap.ts';
import { pairKey, pairOf, piecesOf } from './words.ts';

export interface BpeTrainingOptions {
  /** Total number of ids: special tokens, 256 bytes, merges. Fewer if the texts run out of pairs. */
  readonly vocabularySize: number;
  readonly specials?: readonly string[];
  /** Minimum count of a pair to be merged. Default 2. */
  readonly minCount?: number;
}

/** A distinct piece of text, as ids under the merges so far. */
interface Piece {
  ids: number[];
  readonly count: number;
}

interface Candidate {
  readonly key: number;
  readonly count: number;
}

/**
 * Learns byte-pair encoding (Sennrich et al., 2016) on bytes (Radford et al., 2019). Each step turns the most frequent
 * pair of neighbors within a piece into a token; a tie goes to the smaller ids. The result depends only on the count of
 * each piece and matches Hugging Face's `ByteLevelBPETokenizer`.
 * @throws RangeError if the size leaves no room for the special tokens and the bytes
 */
export function trainBpe(texts: Iterable<string>, options: BpeTrainingOptions): BpeTokenizer {
  const { vocabularySize, specials = [], minCount = 2 } = options;
  const firstMerge = specials.length + BYTES_IN_ORDER.length;
  if (!Number.isInteger(vocabularySize) || vocabularySize < firstMerge)
    throw new RangeError(`trainBpe: expected a vocabulary of at least ${firstMerge}, got ${vocabularySize}`);
  const pieces = countedPieces(texts, specials.length);
  const pairs = new PairCounts(pieces);
  const merges: (readonly [number, number])[] = [];
  while (firstMerge + merges.length < vocabularySize) {
    const key = pairs.takeMostFrequent(minCount);
    if (key === undefined) break;
    pairs.merge(key, firstMerge + merges.length);
    merges.push(pairOf(key));
  }
  return new BpeTokenizer(merges, { specials });
}

function countedPieces(texts: Iterable<string>, firstByteId: number): Piece[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const piece of piecesOf(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  const idOfByte = new Map(BYTES_IN_ORDER.map((byte, index) => [byte, firstByteId + index]));
  const encoder = new TextEncoder();
  return Array.from(counts, ([piece, count]) => ({
    ids: Array.from(encoder.encode(piece), (byte) => idOfByte.get(byte)!),
    count,
  }));
}

/** Replaces every `left right` by `id`, from the left. */
function merged(ids: readonly number[], left: number, right: number, id: number): number[] {
  const result: number[] = [];
  for (let index = 0; index < ids.length; index++) {
    const isPair = ids[index] === left && ids[index + 1] === right;
    result.push(isPair ? id : ids[index]!);
    if (isPair) index++;
  }
  return result;
}

/** Counts of neighboring pairs, with the pieces that contain them. */
class PairCounts {
  readonly #counts = new Map<number, number>();
  /** Pieces that contain the pair, or did so before. */
  readonly #pieces = new Map<number, Set<Piece>>();
  /** Candidate pairs. Counts may be outdated and are checked at the top of the heap. */
  readonly #candidates = new Heap<Candidate>((a, b) => a.count > b.count || (a.count === b.count && a.key < b.key));

  constructor(pieces: readonly Piece[]) {
    for (const piece of pieces) this.#change(piece, piece.count);
    for (const key of this.#counts.keys()) this.#offer(key);
  }

  /** Takes the most frequent pair. Undefined if all counts are below `minCount`. */
  takeMostFrequent(minCount: number): number | undefined {
    for (;;) {
      const top = this.#candidates.pop();
      if (top === undefined || top.count < minCount) return undefined;
      if (this.#counts.get(top.key) === top.count) return top.key;
      this.#offer(top.key);
    }
  }

  /** Replaces a pair by one id in all pieces. */
  merge(key: number, id: number): void {
    const [left, right] = pairOf(key);
    const grown = new Set<number>();
    for (const piece of this.#pieces.get(key)!) {
      const ids = merged(piece.ids, left, right, id);
      if (ids.length === piece.ids.length) continue;
      this.#change(piece, -piece.count);
      piece.ids = ids;
      this.#change(piece, piece.count);
      for (let index = 0; index + 1 < ids.length; index++)
        if (ids[index] === id || ids[index + 1] === id) grown.add(pairKey(ids[index]!, ids[index + 1]!));
    }
    this.#pieces.delete(key);
    for (const each of grown) this.#offer(each);
  }

  #change(piece: Piece, by: number): void {
    const { ids } = piece;
    for (let index = 0; index + 1 < ids.length; index++) {
      const key = pairKey(ids[index]!, ids[index + 1]!);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
      if (by < 0) continue;
      const pieces = this.#pieces.get(key);
      if (pieces === undefined) this.#pieces.set(key, new Set([piece]));
      else pieces.add(piece);
    }
  }

  #offer(key: number): void {
    const count = this.#counts.get(key)!;
    if (count > 0) this.#candidates.push({ key, count });
  }
}
