/** Text as numbers and back. */
export interface Tokenizer {
  /** Number of ids, which go from 0 to one less. */
  readonly vocabularySize: number;
  /** Ids of a text. Text that looks like a special token is encoded as text. */
  encode(text: string): Int32Array;
  /**
   * The text of ids; special tokens are left out.
   * @throws RangeError where an id is none
   */
  decode(ids: Iterable<number>): string;
  /** @throws RangeError where there is no such special token */
  specialId(name: string): number;
  /** State as JSON, for `tokenizerFromJSON`. */
  toJSON(): unknown;
}

export interface SpecialTokenOptions {
  /** Tokens that stand for no text (`<pad>`, `<unk>`, `<s>`, `</s>`): they get the first ids, in this order. */
  readonly specials?: readonly string[];
}

/** The special token that stands for what a vocabulary lacks. */
export const UNKNOWN = '<unk>';
