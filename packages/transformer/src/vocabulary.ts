import type { StateDict } from '@motley/core';
import { BpeTokenizer, CharacterTokenizer, type Tokenizer, trainBpe } from '@motley/core/text';
import { UserError } from '@motley/run';
import type { Frame } from './decoding/beam-search.ts';
import { PADDING } from './masks.ts';

/** The symbols that are no text, in the order of their ids. */
const SPECIALS = ['<pad>', '<begin>', '<end>'];

/** The symbols that frame a sentence; padding is 0. */
export const FRAME: Frame = { begin: 1, end: 2 };

const BYTES = 256;

/**
 * Learns a joint byte-pair encoding: as many merges, or fewer where the texts do not give them.
 * @throws UserError where they give none
 */
export function learnVocabulary(texts: Iterable<string>, merges: number): BpeTokenizer {
  const tokenizer = trainBpe(texts, { vocabularySize: SPECIALS.length + BYTES + merges, specials: SPECIALS });
  if (tokenizer.toJSON().merges.length === 0)
    throw new UserError('training pairs: expected letters that come together twice, found none');
  return tokenizer;
}

/** Symbols that are characters each, as the playground's are. */
export function characterVocabulary(characters: readonly string[]): CharacterTokenizer {
  return new CharacterTokenizer(characters, { specials: SPECIALS });
}

/** What a network keeps of its vocabulary: the two parts of each merge; undefined where it is none of byte pairs. */
export function mergesOf(tokenizer: Tokenizer): readonly (readonly [number, number])[] | undefined {
  return tokenizer instanceof BpeTokenizer ? tokenizer.toJSON().merges : undefined;
}

/**
 * The vocabulary that a checkpoint holds.
 * @throws UserError where its weights are of no translator, or its merges are none
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
      `checkpoint: expected a vocabulary of the network's ${symbols ?? 0} symbols, found one of ${expected}, of another network`,
    );
  try {
    return new BpeTokenizer(pairs, { specials: SPECIALS });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`checkpoint: ${error.message}`, { cause: error });
  }
}

/** Symbols up to the end, as text. */
export function textOf(tokenizer: Tokenizer, symbols: readonly number[]): string {
  const end = symbols.findIndex((symbol) => symbol === FRAME.end || symbol === PADDING);
  return tokenizer.decode(end < 0 ? symbols : symbols.slice(0, end));
}
