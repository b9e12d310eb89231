import { firstIssue, listOf, UserError } from '@motley/run';
import { z } from 'zod';
import { BpeTokenizer } from './bpe/bpe-tokenizer.ts';
import { ByteTokenizer } from './byte-tokenizer.ts';
import { CharacterTokenizer } from './character-tokenizer.ts';
import { PretrainedTokenizer } from './pretrained-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { WordTokenizer } from './word-tokenizer.ts';

const names = listOf(z.string());
const id = z.int().nonnegative();
const stateSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('character'), specials: names, characters: names }),
  z.strictObject({ type: z.literal('byte'), specials: names }),
  z.strictObject({ type: z.literal('word'), specials: names, lowercase: z.boolean(), words: names }),
  z.strictObject({ type: z.literal('bpe'), specials: names, merges: listOf(z.tuple([id, id])) }),
  z.strictObject({ type: z.literal('pretrained'), tokenizer: z.unknown() }),
]);

/**
 * Restores a tokenizer from the result of its `toJSON`, or from the contents of a Hugging Face `tokenizer.json`.
 * @param source the origin of the value, for messages
 * @throws UserError if the value is neither
 */
export function tokenizerFromJSON(value: unknown, source = 'tokenizer'): Tokenizer {
  if (typeof value === 'object' && value !== null && 'model' in value)
    return PretrainedTokenizer.fromTokenizerJSON(value, source);
  const parsed = stateSchema.safeParse(value);
  if (!parsed.success) throw new UserError(`${source}: expected a tokenizer, found ${firstIssue(parsed.error)}`);
  const state = parsed.data;
  if (state.type === 'pretrained') return PretrainedTokenizer.fromTokenizerJSON(state.tokenizer, source);
  try {
    switch (state.type) {
      case 'character':
        return new CharacterTokenizer(state.characters, state);
      case 'byte':
        return new ByteTokenizer(state);
      case 'word':
        return new WordTokenizer(state.words, state);
      case 'bpe':
        return new BpeTokenizer(state.merges, state);
    }
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof UserError)) throw error;
    throw new UserError(`${source}: ${error.message}`, { cause: error });
  }
}
