import type { StateDict } from '@motley/core';
import { UserError } from '@motley/run';

/** Symbol of padding, and of words that the vocabulary lacks. */
export const PADDING = 0;
export const UNKNOWN = 1;
const SPECIALS = ['<pad>', '<unk>'] as const;

/** An address, a handle, a hashtag, a word with inner apostrophes, or one punctuation mark. */
const TOKEN = /https?:\/\/\S+|[@#][\p{L}\p{N}_]+|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*|[^\s\p{L}\p{M}\p{N}]/gu;

/** Words of a text in lower case. Addresses and handles are one word each, as they name nobody's opinion. */
export function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(TOKEN) ?? []).map((token) =>
    token.startsWith('http') ? '<url>' : token.length > 1 && token.startsWith('@') ? '<user>' : token.replace('’', "'"),
  );
}

/** Words and their symbols. */
export class Vocabulary {
  /** All words by symbol, the special ones first. */
  readonly words: readonly string[];
  readonly #symbols: ReadonlyMap<string, number>;

  /** @param words without the special ones */
  constructor(words: readonly string[]) {
    this.words = [...SPECIALS, ...words];
    this.#symbols = new Map(this.words.map((word, symbol) => [word, symbol]));
  }

  /** Words that occur at least `minCount` times, the most frequent first; ties in code-unit order. */
  static of(texts: Iterable<readonly string[]>, minCount: number, largestSize = Infinity): Vocabulary {
    const counts = new Map<string, number>();
    for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const special of SPECIALS) counts.delete(special);
    const kept = [...counts].filter(([, count]) => count >= minCount);
    kept.sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1));
    return new Vocabulary(kept.slice(0, largestSize - SPECIALS.length).map(([word]) => word));
  }

  /** The same with other words behind, those that are new, up to a size. */
  with(words: Iterable<string>, largestSize: number): Vocabulary {
    const added = new Set<string>();
    for (const word of words) if (!this.#symbols.has(word) && added.size < largestSize - this.size) added.add(word);
    return new Vocabulary([...this.words.slice(SPECIALS.length), ...added]);
  }

  get size(): number {
    return this.words.length;
  }

  /** Symbols of words, `UNKNOWN` for those that are not in the vocabulary. */
  encode(words: readonly string[]): Int32Array {
    return Int32Array.from(words, (word) => this.#symbols.get(word) ?? UNKNOWN);
  }
}

/** Lines as bytes of UTF-8, so that a checkpoint can hold them. */
export function bytesOf(lines: readonly string[]): Int32Array {
  return Int32Array.from(new TextEncoder().encode(lines.join('\n')));
}

/**
 * Lines of a checkpoint.
 * @throws UserError where the checkpoint has none of this name
 */
async function linesOf(weights: StateDict, name: string): Promise<string[]> {
  const tensor = weights[name];
  if (tensor?.dtype !== 'int32' || tensor.rank !== 1)
    throw new UserError(`checkpoint: expected int32 bytes "${name}", found ${tensor?.dtype ?? 'none'}`);
  return new TextDecoder().decode(Uint8Array.from(await tensor.data())).split('\n');
}

/** Words and classes that a checkpoint was trained on. */
export interface Labels {
  readonly vocabulary: Vocabulary;
  readonly classNames: readonly string[];
}

/** @throws UserError where the checkpoint has no vocabulary or no classes */
export async function labelsOfCheckpoint(weights: StateDict): Promise<Labels> {
  const words = await linesOf(weights, 'words');
  return {
    vocabulary: new Vocabulary(words.slice(SPECIALS.length)),
    classNames: await linesOf(weights, 'classNames'),
  };
}
