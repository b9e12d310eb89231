/** A text with its class and its author, before the split. */
export interface CorpusText {
  readonly words: readonly string[];
  /** Place in `classNames`. */
  readonly label: number;
  /** Who wrote or spoke it; texts of one speaker stay together where speakers are held out. */
  readonly speaker: string;
}

/** Texts of known classes. */
export interface Corpus {
  readonly classNames: readonly string[];
  readonly texts: readonly CorpusText[];
}
