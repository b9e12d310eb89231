import type { StateDict } from '@motley/core';
import { BpeTokenizer, CharacterTokenizer, type Tokenizer, trainBpe } from '@motley/core/text';
import { UserError } from '@motley/run';
import type { Frame } from './decoding/beam-search.ts';
import { PADDING } from './masks.ts';

/** Special symbols, in the order of their ids. */
const SPECIALS = ['<pad>', '<begin>', '<end>'];

/** Begin and end symbols; padding is 0. */
export const FRAME: Frame = { begin: 1, end: 2 };

const BYTES = 256;

/**
 * Learns a joint byte-pair encoding.
 * @param merges number of merges; fewer result if the texts have too few pairs of symbols
 * @throws UserError if the texts have no pair to merge
 */
export function learnVocabulary(texts: Iterable<string>, merges: number): BpeTokenizer {
  const tokenizer = trainBpe(texts, { vocabularySize: SPECIALS.length + BYTES + merges, specials: SPECIALS });
  if (tokenizer.toJSON().merges.length === 0)
    throw new UserError('training pairs: expected a pair of letters that occurs twice, found none');
  return tokenizer;
}

/** Tokenizer with one symbol per character, for the toy tasks. */
export function characterVocabulary(characters: readonly string[]): CharacterTokenizer {
  return new CharacterTokenizer(characters, { specials: SPECIALS });
}

/** The two parts of each merge; undefined if the tokenizer is not a byte-pair encoding. */
export function mergesOf(tokenizer: Tokenizer): readonly (readonly [number, number])[] | undefined {
  return tokenizer instanceof BpeTokenizer ? tokenizer.toJSON().merges : undefined;
}

/**
 * Byte-pair encoding of a checkpoint.
 * @throws UserError if the weights have no valid vocabulary, or one of another size
 */
export async function vocabularyOfCheckpoint(weights: StateDict): Promise<BpeTokenizer> {
  const { merges } = weights;
  if (merges?.rank !== 2 || merges.shape[1] !== 2 || merges.dtype !== 'int32')
    throw new UserError(
      `checkpoint: expected a translator's vocabulary, int32 merges [M, 2], found ${merges === undefined ? 'none' : `${merges.dtype} [${merges.shape.join(', ')}]`}`,
    );
  const pairs = (await merges.array()) as [number, number][];
  const symbols = weights['embedding.tokens.weight']?.shape[0];
  const expected = SPECIALS.length + BYTES + pairs.length;
  if (symbols !== expected)
    throw new UserError(
      `checkpoint: expected a vocabulary of the network's ${symbols ?? 0} symbols, found one of ${expected} symbols`,
    );
  try {
    return new BpeTokenizer(pairs, { specials: SPECIALS });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`checkpoint: ${error.message}`, { cause: error });
  }
}

/** Decodes symbols up to the end symbol or padding. */
export function textOf(tokenizer: Tokenizer, symbols: readonly number[]): string {
  const end = symbols.findIndex((symbol) => symbol === FRAME.end || symbol === PADDING);
  return tokenizer.decode(end < 0 ? symbols : symbols.slice(0, end));
}

/** Labels of symbols for pictures: ⊢ and ⊣ for begin and end, ␣ for the space before a word. */
export function symbolLabels(tokenizer: Tokenizer, symbols: readonly number[]): string[] {
  return symbols.map((symbol) =>
    symbol === FRAME.begin ? '⊢' : symbol === FRAME.end ? '⊣' : tokenizer.decode([symbol]).replace(/^ /u, '␣'),
  );
}
