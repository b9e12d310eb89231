import { Budget } from '@motley/run';
import { SpecialTokens, checkId } from '../special-tokens.ts';
import type { SpecialTokenOptions, Tokenizer } from '../tokenizer.ts';
import { BYTES_IN_ORDER, BYTE_CHARACTERS } from './byte-characters.ts';
import { Heap } from './heap.ts';
import { PIECE_NAME, pairKey, piecesOf } from './words.ts';

export interface BpeTokenizerState {
  readonly type: 'bpe';
  readonly specials: readonly string[];
  /** The two ids joined by each merge. Merges get ids after the special tokens and the bytes. */
  readonly merges: readonly (readonly [left: number, right: number])[];
}

/** Two ids as written in a file. */
const BYTES_OF_MERGE = 8;
/** Size of the cache of encoded pieces. Texts repeat their words. */
const REMEMBERED_PIECES = 65_536;
/** Longer pieces are not cached. They rarely repeat, for example in scripts without spaces. */
const REMEMBERED_LENGTH = 64;

/**
 * Byte-level byte-pair encoding, trained by `trainBpe`. It encodes any text, and decoding restores every byte. Ids are
 * ordered: special tokens, bytes, merges.
 */
export class BpeTokenizer implements Tokenizer {
  readonly #specials: SpecialTokens;
  readonly #merges: readonly (readonly [number, number])[];
  readonly #idOfPair = new Map<number, number>();
  readonly #idOfByte = new Int32Array(256);
  /** Bytes of each id after the special tokens. */
  readonly #bytes: Uint8Array[];
  readonly #remembered = new Map<string, readonly number[]>();
  readonly #encoder = new TextEncoder();

  /**
   * Builds the tokenizer.
   * @throws RangeError if a merge refers to a later id, or occurs twice
   * @throws UserError if the tokens need far more memory than the list of merges, as each may double the one before
   */
  constructor(
    merges: readonly (readonly [left: number, right: number])[],
    { specials = [] }: SpecialTokenOptions = {},
  ) {
    this.#specials = new SpecialTokens(specials);
    this.#merges = merges;
    this.#bytes = BYTES_IN_ORDER.map((byte) => Uint8Array.of(byte));
    for (const [index, byte] of BYTES_IN_ORDER.entries()) this.#idOfByte[byte] = specials.length + index;
    const budget = Budget.forFile('BPE', 'tokens', BYTES_OF_MERGE * merges.length);
    for (const [index, [left, right]] of merges.entries()) {
      const [first, second] = [this.#bytes[left - specials.length], this.#bytes[right - specials.length]];
      if (first === undefined || second === undefined || this.#idOfPair.has(pairKey(left, right)))
        throw new RangeError(
          `BPE: merge ${index}: expected two earlier ids that are not merged yet, got ${left}, ${right}`,
        );
      this.#idOfPair.set(pairKey(left, right), this.vocabularySize);
      const length = first.length + second.length;
      budget.hold(length);
      const bytes = new Uint8Array(length);
      bytes.set(first);
      bytes.set(second, first.length);
      this.#bytes.push(bytes);
    }
  }

  get vocabularySize(): number {
    return this.#specials.count + this.#bytes.length;
  }

  encode(text: string): Int32Array {
    const ids: number[] = [];
    for (const piece of piecesOf(text)) for (const id of this.#idsOf(piece)) ids.push(id);
    return Int32Array.from(ids);
  }

  /** Decodes ids. Invalid UTF-8, as from ids cut within a character, becomes U+FFFD. */
  decode(ids: Iterable<number>): string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let text = '';
    for (const id of ids) {
      checkId(id, this.vocabularySize);
      if (id >= this.#specials.count) text += decoder.decode(this.#bytes[id - this.#specials.count], { stream: true });
    }
    return text + decoder.decode();
  }

  specialId(name: string): number {
    return this.#specials.idOf(name);
  }

  toJSON(): BpeTokenizerState {
    return { type: 'bpe', specials: this.#specials.names, merges: this.#merges };
  }

  /** Contents of a `tokenizer.json` for Hugging Face's tokenizers. */
  toTokenizerJSON(): unknown {
    const tokens = this.#bytes.map((bytes) => Array.from(bytes, (byte) => BYTE_CHARACTERS[byte]!).join(''));
    const names = [...this.#specials.names, ...tokens];
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    const byteLevel = { type: PIECE_NAME, add_prefix_space: false, trim_offsets: true, use_regex: true };
    return {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: this.#specials.names.map((content, id) => ({ id, content, ...flags })),
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(names.map((name, id) => [name, id])),
        merges: this.#merges.map(([left, right]) => [names[left]!, names[right]!]),
      },
    };
  }

  #idsOf(piece: string): readonly number[] {
    const known = this.#remembered.get(piece);
    if (known !== undefined) return known;
    const ids = this.#merged(Array.from(this.#encoder.encode(piece), (byte) => this.#idOfByte[byte]!));
    if (piece.length <= REMEMBERED_LENGTH) {
      if (this.#remembered.size === REMEMBERED_PIECES) this.#remembered.clear();
      this.#remembered.set(piece, ids);
    }
    return ids;
  }

  /** Applies the merges in the order in which they were learned, equal ones from the left. */
  #merged(ids: number[]): readonly number[] {
    const next = ids.map((_, index) => index + 1);
    const previous = ids.map((_, index) => index - 1);
    const candidates = new Heap<number>((a, b) => a < b);
    const offer = (left: number): void => {
      const right = next[left]!;
      const id = right < ids.length ? this.#idOfPair.get(pairKey(ids[left]!, ids[right]!)) : undefined;
      if (id !== undefined) candidates.push(pairKey(id, left));
    };
    for (const index of ids.keys()) offer(index);
    for (let key = candidates.pop(); key !== undefined; key = candidates.pop()) {
      const left = key % pairKey(1, 0);
      const id = (key - left) / pairKey(1, 0);
      const right = next[left]!;
      // Skips an outdated candidate whose parts have been merged with others.
      if (right >= ids.length || this.#idOfPair.get(pairKey(ids[left]!, ids[right]!)) !== id) continue;
      ids[left] = id;
      ids[right] = -1;
      const after = next[right]!;
      next[left] = after;
      if (after < ids.length) previous[after] = left;
      if (previous[left]! >= 0) offer(previous[left]!);
      offer(left);
    }
    return ids.filter((id) => id >= 0);
  }
}
