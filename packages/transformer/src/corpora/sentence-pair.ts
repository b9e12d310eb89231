/** A sentence or phrase and its translation. */
export interface SentencePair {
  readonly english: string;
  readonly german: string;
  readonly kind: 'sentence' | 'phrase';
}

/** Sentence pairs for training, validation and test, and a word list for the word-for-word baseline. */
export interface Corpus {
  readonly training: readonly SentencePair[];
  /** Chooses the best checkpoint. */
  readonly validation: readonly SentencePair[];
  /** Gives the reported metrics; chooses nothing. */
  readonly test: readonly SentencePair[];
  /** German word of each lower-case English word. */
  readonly words: ReadonlyMap<string, string>;
}

/** Words and punctuation marks, in order, without white space. */
export function tokensOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu) ?? [];
}

/** Lower-case words of a text, without punctuation. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
