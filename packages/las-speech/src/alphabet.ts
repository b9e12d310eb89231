import { shown, UserError } from '@motley/run';

/** Id of padding, which is also CTC's blank. */
export const PADDING = 0;
/** Id that begins every transcript. */
export const BEGIN = 1;
/** Id that ends every transcript. */
export const END = 2;

const SPECIAL_COUNT = 3;

/** Letters of each language, the space first. */
export const LETTERS = {
  english: " 'abcdefghijklmnopqrstuvwxyz",
  czech: ' aábcčdďeéěfghiíjklmnňoópqrřsštťuúůvwxyýzž',
  dutch: " 'abcdefghijklmnopqrstuvwxyzáèéêëïóôöûü",
} as const;

export type Language = keyof typeof LETTERS;

export const LANGUAGES = ['english', 'czech', 'dutch'] as const satisfies readonly Language[];

/** Letters of transcripts, and their ids: padding 0, begin 1, end 2, then the letters. */
export class Alphabet {
  readonly letters: string;
  readonly #letters: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  /** @throws RangeError where a letter comes twice */
  constructor(letters: string) {
    this.letters = letters;
    this.#letters = Array.from(letters);
    this.#ids = new Map(this.#letters.map((letter, index) => [letter, SPECIAL_COUNT + index]));
    if (this.#ids.size !== this.#letters.length)
      throw new RangeError(`alphabet: expected distinct letters, got ${letters}`);
  }

  static of(language: Language): Alphabet {
    return new Alphabet(LETTERS[language]);
  }

  /** Number of ids, the special ones included. */
  get size(): number {
    return SPECIAL_COUNT + this.#ids.size;
  }

  has(letter: string): boolean {
    return this.#ids.has(letter);
  }

  /**
   * Ids of a text, without begin and end.
   * @param place where the text comes from, for messages
   * @throws UserError naming a letter that the alphabet lacks
   */
  ids(text: string, place = 'transcript'): Int32Array {
    return Int32Array.from(text, (letter) => {
      const id = this.#ids.get(letter);
      if (id === undefined)
        throw new UserError(
          `${place}: expected letters of "${this.letters}", found ${shown(letter)} in ${shown(text)}`,
        );
      return id;
    });
  }

  /** Text of ids up to the end symbol, without special symbols. */
  text(ids: ArrayLike<number>): string {
    const end = Array.prototype.indexOf.call(ids, END);
    return Array.from(ids, (id) => this.#letters[id - SPECIAL_COUNT] ?? '')
      .slice(0, end < 0 ? ids.length : end)
      .join('');
  }
}
