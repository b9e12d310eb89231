/** Text as numbers and back. */
export interface Tokenizer {
  /** How many ids there are: they go from 0 to one less. */
  readonly vocabularySize: number;
  /** Ids of a text. What looks like a special token in it is text all the same. */
  encode(text: string): Int32Array;
  /**
   * The text of ids; special tokens are left out.
   * @throws RangeError where an id is none
   */
  decode(ids: Iterable<number>): string;
  /** @throws RangeError where there is no such special token */
  specialId(name: string): number;
  /** What `tokenizerFromJSON` reads. */
  toJSON(): unknown;
}

export interface SpecialTokenOptions {
  /** Tokens that stand for no text (`<pad>`, `<unk>`, `<s>`, `</s>`): they get the first ids, in this order. */
  readonly specials?: readonly string[];
}

/** The special token that stands for what a vocabulary lacks. */
export const UNKNOWN = '<unk>';
