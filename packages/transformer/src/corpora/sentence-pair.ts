/** A sentence or phrase and its translation. */
export interface SentencePair {
  readonly english: string;
  readonly german: string;
  readonly kind: 'sentence' | 'phrase';
}

/** Sentence pairs in three parts, and words for a translator without a network. */
export interface Corpus {
  readonly training: readonly SentencePair[];
  /** Chooses the best checkpoint. */
  readonly validation: readonly SentencePair[];
  /** For the last figure, never to choose. */
  readonly test: readonly SentencePair[];
  /** German of English words in lower case. */
  readonly words: ReadonlyMap<string, string>;
}

/** Words and marks of punctuation, in order; what stands between them is left out. */
export function tokensOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu) ?? [];
}

/** The words of a text in lower case, without punctuation. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
