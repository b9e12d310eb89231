import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from '@motley/core/text';
import { UserError } from '@motley/run';

/** Kind of symbol: a Unicode code point or a byte of UTF-8. */
export type Level = 'character' | 'byte';

const BYTES = Int32Array.from({ length: 256 }, (_, byte) => byte);

/** Vocabulary of a text: its code points in order, or all bytes. */
export function vocabularyOf(text: string, level: Level): Int32Array {
  if (level === 'byte') return BYTES;
  const { characters } = CharacterTokenizer.train([text]).toJSON();
  return Int32Array.from(characters, (character) => character.codePointAt(0)!);
}

/** Tokenizer for a vocabulary. */
export function tokenizerOf(vocabulary: Iterable<number>, level: Level): Tokenizer {
  if (level === 'byte') return new ByteTokenizer();
  return new CharacterTokenizer(Array.from(vocabulary, (codePoint) => String.fromCodePoint(codePoint)));
}

/**
 * Encodes a text.
 * @param source name of the text, for messages
 * @throws UserError if a character is outside the vocabulary; names it and its position
 */
export function encode(tokenizer: Tokenizer, text: string, source: string): Int32Array {
  try {
    return tokenizer.encode(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const reason = error.message.replace('tokenizer: ', '').replace('a known character', 'one of the vocabulary');
    throw new UserError(`${source}: ${reason} (${tokenizer.vocabularySize} symbols, those of the training text)`, {
      cause: error,
    });
  }
}

/** Initial symbols of a sample: the prompt; if empty, a line break, or else the first symbol of the vocabulary. */
export function promptSymbols(tokenizer: Tokenizer, prompt: string): Int32Array {
  if (prompt !== '') return encode(tokenizer, prompt, '--prompt');
  try {
    return tokenizer.encode('\n');
  } catch {
    return Int32Array.of(0);
  }
}
