import { shown, UserError } from '@motley/run';
import type { SpecialTokenOptions, Tokenizer } from './tokenizer.ts';
import { Vocabulary } from './vocabulary.ts';

/** A word of letters and digits, with inner apostrophes (`don't`), or one punctuation mark. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*|[^\s\p{L}\p{M}\p{N}]/gu;

export interface WordTokenizerOptions extends SpecialTokenOptions {
  /** Whether to lowercase the text. Default false. */
  readonly lowercase?: boolean;
}

export interface WordTrainingOptions extends WordTokenizerOptions {
  /** Maximum number of ids, including special tokens. The rarest words are dropped. Default: no limit. */
  readonly vocabularySize?: number;
  /** Minimum count of a word. Rarer words are dropped. Default 1. */
  readonly minCount?: number;
}

export interface WordTokenizerState {
  readonly type: 'word';
  readonly specials: readonly string[];
  readonly lowercase: boolean;
  readonly words: readonly string[];
}

/** Gives each word and punctuation mark an id. Decoding joins them with spaces. */
export class WordTokenizer implements Tokenizer {
  readonly #vocabulary: Vocabulary;
  readonly #lowercase: boolean;

  constructor(words: readonly string[], { specials = [], lowercase = false }: WordTokenizerOptions = {}) {
    this.#vocabulary = new Vocabulary(words, specials);
    this.#lowercase = lowercase;
  }

  /** Collects the words of texts, most frequent first. Ties are in code-unit order. */
  static train(texts: Iterable<string>, options: WordTrainingOptions = {}): WordTokenizer {
    const { vocabularySize = Infinity, minCount = 1, specials = [], lowercase = false } = options;
    const counts = new Map<string, number>();
    for (const text of texts)
      for (const word of wordsOf(text, lowercase)) counts.set(word, (counts.get(word) ?? 0) + 1);
    const words = [...counts]
      .filter(([, count]) => count >= minCount)
      .sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1))
      .slice(0, Math.max(vocabularySize - specials.length, 0))
      .map(([word]) => word);
    return new WordTokenizer(words, { specials, lowercase });
  }

  get vocabularySize(): number {
    return this.#vocabulary.size;
  }

  /**
   * Encodes a text.
   * @throws UserError naming an unknown word and its position, if there is no `<unk>`
   */
  encode(text: string): Int32Array {
    return Int32Array.from(wordsOf(text, this.#lowercase), (word, index) => {
      const id = this.#vocabulary.idOf(word);
      if (id === undefined)
        throw new UserError(`tokenizer: word ${index}: expected a known word, found ${shown(word)}`);
      return id;
    });
  }

  decode(ids: Iterable<number>): string {
    return this.#vocabulary.tokensOf(ids).join(' ');
  }

  specialId(name: string): number {
    return this.#vocabulary.specials.idOf(name);
  }

  toJSON(): WordTokenizerState {
    const { specials, tokens } = this.#vocabulary;
    return { type: 'word', specials: specials.names, lowercase: this.#lowercase, words: tokens };
  }
}

function wordsOf(text: string, lowercase: boolean): readonly string[] {
  return (lowercase ? text.toLowerCase() : text).match(WORD) ?? [];
}
