import { SpecialTokens, checkId } from './special-tokens.ts';
import { UNKNOWN } from './tokenizer.ts';

/** Special tokens and after them others, by id. */
export class Vocabulary {
  readonly specials: SpecialTokens;
  readonly tokens: readonly string[];
  readonly #idOf: ReadonlyMap<string, number>;
  readonly #unknownId: number | undefined;

  /** @throws RangeError where a token comes twice */
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

  /** Undefined where the vocabulary lacks the token and has no `<unk>`. */
  idOf(token: string): number | undefined {
    return this.#idOf.get(token) ?? this.#unknownId;
  }

  /** Tokens of ids, special ones left out. */
  tokensOf(ids: Iterable<number>): string[] {
    const tokens: string[] = [];
    for (const id of ids) {
      checkId(id, this.size);
      if (id >= this.specials.count) tokens.push(this.tokens[id - this.specials.count]!);
    }
    return tokens;
  }
}
