import { SpecialTokens, checkId } from './special-tokens.ts';
import { UNKNOWN } from './tokenizer.ts';

/** Maps tokens to ids and back. Special tokens come first. */
export class Vocabulary {
  readonly specials: SpecialTokens;
  readonly tokens: readonly string[];
  readonly #idOf: ReadonlyMap<string, number>;
  readonly #unknownId: number | undefined;

  /**
   * Creates the vocabulary.
   * @throws RangeError if a token is repeated
   */
  constructor(tokens: readonly string[], specials: readonly string[] = []) {
    this.specials = new SpecialTokens(specials);
    this.tokens = tokens;
    this.#idOf = new Map(tokens.map((token, index) => [token, this.specials.count + index]));
    this.#unknownId = specials.includes(UNKNOWN) ? this.specials.idOf(UNKNOWN) : undefined;
    if (this.#idOf.size !== tokens.length) throw new RangeError('vocabulary: expected every token once, got one again');
  }

  get size(): number {
    return this.specials.count + this.tokens.length;
  }

  /** Id of a token, or of `<unk>`. Undefined if the vocabulary has neither. */
  idOf(token: string): number | undefined {
    return this.#idOf.get(token) ?? this.#unknownId;
  }

  /** Tokens of ids, without special tokens. */
  tokensOf(ids: Iterable<number>): string[] {
    const tokens: string[] = [];
    for (const id of ids) {
      checkId(id, this.size);
      if (id >= this.specials.count) tokens.push(this.tokens[id - this.specials.count]!);
    }
    return tokens;
  }
}
