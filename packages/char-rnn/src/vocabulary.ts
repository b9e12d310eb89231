import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from '@motley/core/text';
import { UserError } from '@motley/run';

/** What one symbol is: a Unicode code point, or a byte of the text in UTF-8. */
export type Level = 'character' | 'byte';

const BYTES = Int32Array.from({ length: 256 }, (_, byte) => byte);

/** The symbols of a text: its code points in their order, or all bytes. */
export function vocabularyOf(text: string, level: Level): Int32Array {
  if (level === 'byte') return BYTES;
  const { characters } = CharacterTokenizer.train([text]).toJSON();
  return Int32Array.from(characters, (character) => character.codePointAt(0)!);
}

/** From text to symbols and back, by the vocabulary of a model. */
export function tokenizerOf(vocabulary: Iterable<number>, level: Level): Tokenizer {
  if (level === 'byte') return new ByteTokenizer();
  return new CharacterTokenizer(Array.from(vocabulary, (codePoint) => String.fromCodePoint(codePoint)));
}

/**
 * A text's symbols.
 * @param source names the text, for messages
 * @throws UserError naming a character that the vocabulary lacks, and its place
 */
export function encode(tokenizer: Tokenizer, text: string, source: string): Int32Array {
  try {
    return tokenizer.encode(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const what = error.message.replace('tokenizer: ', '').replace('a known character', 'one of the vocabulary');
    throw new UserError(`${source}: ${what} (${tokenizer.vocabularySize} symbols, those of the text learned from)`, {
      cause: error,
    });
  }
}

/** The symbols that a sample starts from: of the prompt, or, where it is empty, a line break or else the first symbol. */
export function promptSymbols(tokenizer: Tokenizer, prompt: string): Int32Array {
  if (prompt !== '') return encode(tokenizer, prompt, '--prompt');
  try {
    return tokenizer.encode('\n');
  } catch {
    return Int32Array.of(0);
  }
}
