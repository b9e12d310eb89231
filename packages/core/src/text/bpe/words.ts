/**
 * GPT-2's pieces, within which pairs are merged (Radford et al., 2019): English contractions, words, numbers, other
 * characters, each with the space before it, and white space.
 */
const PIECE =
  /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** The pattern as `tokenizer.json` readers know it, by name. */
export const PIECE_NAME = 'ByteLevel';

/** A text cut into pieces; together they are the text. */
export function piecesOf(text: string): readonly string[] {
  return text.match(PIECE) ?? [];
}

/** Ids fit into 26 bits, so a pair is one exact number. */
const PAIR = 2 ** 26;

export function pairKey(left: number, right: number): number {
  return left * PAIR + right;
}

export function pairOf(key: number): readonly [left: number, right: number] {
  return [Math.floor(key / PAIR), key % PAIR];
}
