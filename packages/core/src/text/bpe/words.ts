/**
 * GPT-2's pieces of text (Radford et al., 2019): English contractions, words, numbers and other characters, each with a
 * preceding space, and white space. Merges stay within a piece.
 */
const PIECE =
  /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** The pattern's name in `tokenizer.json`. */
export const PIECE_NAME = 'ByteLevel';

/** Splits a text into pieces, which concatenate to the text. */
export function piecesOf(text: string): readonly string[] {
  return text.match(PIECE) ?? [];
}

/** Ids have at most 26 bits, so a pair of ids makes one exact number. */
const PAIR = 2 ** 26;

export function pairKey(left: number, right: number): number {
  return left * PAIR + right;
}

export function pairOf(key: number): readonly [left: number, right: number] {
  return [Math.floor(key / PAIR), key % PAIR];
}
