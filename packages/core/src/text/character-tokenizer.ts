import { shown, UserError } from '@motley/run';
import type { SpecialTokenOptions, Tokenizer } from './tokenizer.ts';
import { Vocabulary } from './vocabulary.ts';

export interface CharacterTokenizerState {
  readonly type: 'character';
  readonly specials: readonly string[];
  readonly characters: readonly string[];
}

/** Gives each character (Unicode code point) an id. Decoding restores any text of known characters. */
export class CharacterTokenizer implements Tokenizer {
  readonly #vocabulary: Vocabulary;

  constructor(characters: readonly string[], { specials = [] }: SpecialTokenOptions = {}) {
    this.#vocabulary = new Vocabulary(characters, specials);
  }

  /** Collects the characters of texts, ordered by code point. */
  static train(texts: Iterable<string>, options: SpecialTokenOptions = {}): CharacterTokenizer {
    const found = new Set<string>();
    for (const text of texts) for (const character of text) found.add(character);
    return new CharacterTokenizer(
      [...found].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
      options,
    );
  }

  get vocabularySize(): number {
    return this.#vocabulary.size;
  }

  /**
   * Encodes a text.
   * @throws UserError naming an unknown character and its position, if there is no `<unk>`
   */
  encode(text: string): Int32Array {
    const ids: number[] = [];
    for (const character of text) {
      const id = this.#vocabulary.idOf(character);
      if (id === undefined)
        throw new UserError(
          `tokenizer: character ${ids.length}: expected a known character, found ${shown(character)}`,
        );
      ids.push(id);
    }
    return Int32Array.from(ids);
  }

  decode(ids: Iterable<number>): string {
    return this.#vocabulary.tokensOf(ids).join('');
  }

  specialId(name: string): number {
    return this.#vocabulary.specials.idOf(name);
  }

  toJSON(): CharacterTokenizerState {
    const { specials, tokens } = this.#vocabulary;
    return { type: 'character', specials: specials.names, characters: tokens };
  }
}
