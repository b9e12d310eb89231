/** Converts text to ids and back. */
export interface Tokenizer {
  /** Number of ids, which start at 0. */
  readonly vocabularySize: number;
  /** Encodes a text as ids. Text that looks like a special token is encoded as plain text. */
  encode(text: string): Int32Array;
  /**
   * Decodes ids to text, skipping special tokens.
   * @throws RangeError if an id is invalid
   */
  decode(ids: Iterable<number>): string;
  /**
   * Id of a special token.
   * @throws RangeError if there is no such token
   */
  specialId(name: string): number;
  /** State as JSON, to restore with `tokenizerFromJSON`. */
  toJSON(): unknown;
}

export interface SpecialTokenOptions {
  /** Tokens that stand for no text (`<pad>`, `<unk>`, `<s>`, `</s>`). They get the first ids, in this order. */
  readonly specials?: readonly string[];
}

/** Special token that replaces unknown symbols. */
export const UNKNOWN = '<unk>';
