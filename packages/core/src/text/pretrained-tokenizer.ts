import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { firstIssue, listOf, recordOf, shown, suggestion, UserError } from '@motley/run';
import { z } from 'zod';
import { checkId } from './special-tokens.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Subset of the library's API used here. Its own types do not resolve in Node's module system. */
interface ForeignTokenizer {
  encode(text: string): { readonly ids: readonly number[] };
  decode(ids: readonly number[], options: { readonly skip_special_tokens: boolean }): string;
  get_vocab(): ReadonlyMap<string, number>;
}
const ForeignTokenizer = LibraryTokenizer as unknown as new (contents: object, config: object) => ForeignTokenizer;

/** Fields that every `tokenizer.json` has. The library reads the rest. */
const tokenizerSchema = z.looseObject({
  added_tokens: listOf(z.looseObject({ id: z.int().nonnegative(), content: z.string(), special: z.boolean() })).default(
    [],
  ),
  model: z.looseObject({ vocab: z.union([recordOf(z.int().nonnegative()), z.array(z.unknown())]) }),
});

/** Ids leave some gaps, but the library has a place for each id up to the largest. */
const MOST_PLACES = 1_000_000;
const PLACES_PER_TOKEN = 16;

/** @throws UserError naming an id far beyond the number of tokens */
function checkIds({ added_tokens: added, model: { vocab } }: z.infer<typeof tokenizerSchema>, source: string): void {
  const ids = [...added.map(({ id }) => id), ...(Array.isArray(vocab) ? [] : Object.values(vocab))];
  const limit = Math.max(MOST_PLACES, PLACES_PER_TOKEN * ids.length);
  const large = ids.find((id) => id >= limit);
  if (large !== undefined)
    throw new UserError(`${source}: expected a tokenizer.json with ids below ${limit} for its tokens, found ${large}`);
}

/**
 * Tokenizer of a published model (WordPiece, BPE, Unigram), run by Hugging Face's own library. Encoding adds the
 * special tokens that the model was trained with (`[CLS] … [SEP]`). It neither truncates nor pads.
 */
export class PretrainedTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly #foreign: ForeignTokenizer;
  readonly #contents: object;
  readonly #specialIds: ReadonlyMap<string, number>;

  private constructor(contents: z.infer<typeof tokenizerSchema>) {
    this.#foreign = new ForeignTokenizer(contents, { clean_up_tokenization_spaces: false });
    this.#contents = contents;
    const specials = contents.added_tokens.filter(({ special }) => special);
    this.#specialIds = new Map(specials.map(({ content, id }) => [content, id]));
    const ids = [...this.#foreign.get_vocab().values()];
    this.vocabularySize = ids.reduce((largest, id) => Math.max(largest, id), -1) + 1;
  }

  /**
   * Creates the tokenizer of a `tokenizer.json`.
   * @param contents the parsed JSON
   * @param source the origin of the contents, for messages
   * @throws UserError if the contents are invalid or of an unsupported kind
   */
  static fromTokenizerJSON(contents: unknown, source = 'tokenizer.json'): PretrainedTokenizer {
    const parsed = tokenizerSchema.safeParse(contents);
    if (!parsed.success) throw new UserError(`${source}: expected a tokenizer.json, found ${firstIssue(parsed.error)}`);
    checkIds(parsed.data, source);
    try {
      return new PretrainedTokenizer(parsed.data);
    } catch (error) {
      throw new UserError(`${source}: expected a known tokenizer, found: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /**
   * Creates BERT's WordPiece tokenizer from a `vocab.txt`.
   * @param tokens in the order of their ids, including `[UNK]`, `[CLS]` and `[SEP]`
   * @throws UserError if one of these is missing
   */
  static fromWordPieceVocabulary(
    tokens: readonly string[],
    { lowercase = true, source = 'vocab.txt' }: { readonly lowercase?: boolean; readonly source?: string } = {},
  ): PretrainedTokenizer {
    const idOf = (token: string): number => {
      const id = tokens.indexOf(token);
      if (id < 0) throw new UserError(`${source}: expected a WordPiece vocabulary with ${token}, found none`);
      return id;
    };
    const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].filter((token) => tokens.includes(token));
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    return PretrainedTokenizer.fromTokenizerJSON(
      {
        version: '1.0',
        added_tokens: specials.map((content) => ({ id: idOf(content), content, ...flags })),
        normalizer: {
          type: 'BertNormalizer',
          clean_text: true,
          handle_chinese_chars: true,
          strip_accents: null,
          lowercase,
        },
        pre_tokenizer: { type: 'BertPreTokenizer' },
        post_processor: { type: 'BertProcessing', sep: ['[SEP]', idOf('[SEP]')], cls: ['[CLS]', idOf('[CLS]')] },
        decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
        model: {
          type: 'WordPiece',
          unk_token: tokens[idOf('[UNK]')],
          continuing_subword_prefix: '##',
          max_input_chars_per_word: 100,
          vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        },
      },
      source,
    );
  }

  encode(text: string): Int32Array {
    return Int32Array.from(this.#foreign.encode(text).ids);
  }

  decode(ids: Iterable<number>): string {
    const list = [...ids];
    for (const id of list) checkId(id, this.vocabularySize);
    return list.length === 0 ? '' : this.#foreign.decode(list, { skip_special_tokens: true });
  }

  specialId(name: string): number {
    const id = this.#specialIds.get(name);
    if (id === undefined)
      throw new RangeError(
        `tokenizer: no special token ${shown(name)}${suggestion(name, [...this.#specialIds.keys()])}`,
      );
    return id;
  }

  toJSON(): { readonly type: 'pretrained'; readonly tokenizer: object } {
    return { type: 'pretrained', tokenizer: this.#contents };
  }
}
