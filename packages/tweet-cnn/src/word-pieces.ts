import { publishedFile, publishedWeights, readCheckpoint } from '@motley/core/node';
import { UserError } from '@motley/run';
import { loadLines } from '@motley/run/node';
import { UNKNOWN, type Vocabulary } from './vocabulary.ts';

export const miniLm = publishedWeights['minilm-l6'];
const COMMAND = 'pnpm --filter tweet-cnn run fetch';
const TABLE = 'embeddings.word_embeddings.';
const CONTINUED = '##';
const FEATURES = 384;
/** Standard deviation of the vectors' values: that of the random ones, uniform in [-0.25, 0.25). */
const DEVIATION = 0.25 / Math.sqrt(3);
/** A combining accent. BERT's uncased vocabulary has none. */
const ACCENT = /\p{Mn}/gu;

/** Word pieces of all-MiniLM-L6-v2 (a BERT vocabulary), by row of its table. */
export class WordPieces {
  readonly pieces: readonly string[];
  readonly #rows: ReadonlyMap<string, number>;

  constructor(pieces: readonly string[]) {
    this.pieces = pieces;
    this.#rows = new Map(pieces.map((piece, row) => [piece, row]));
  }

  /** Pieces that are whole words of letters, in the order of the table. */
  wholeWords(): string[] {
    return this.pieces.filter((piece) => /^\p{L}+$/u.test(piece));
  }

  /**
   * Rows of a word's pieces: the longest piece that fits, again and again, and punctuation apart (Schuster & Nakajima,
   * 2012; BERT's uncased tokenizer). Empty where a part of the word has no piece.
   */
  rowsOf(word: string): number[] {
    const parts =
      word
        .normalize('NFD')
        .replace(ACCENT, '')
        .match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
    const rows: number[] = [];
    for (const part of parts) {
      const letters = Array.from(part);
      for (let start = 0; start < letters.length;) {
        let end = letters.length;
        const rowTo = (): number | undefined =>
          this.#rows.get((start > 0 ? CONTINUED : '') + letters.slice(start, end).join(''));
        while (end > start && rowTo() === undefined) end--;
        if (end === start) return [];
        rows.push(rowTo()!);
        start = end;
      }
    }
    return rows;
  }
}

/** @throws UserError naming the command that fetches the weights, where they are not there */
export async function miniLmVocabulary(): Promise<WordPieces> {
  return new WordPieces(await loadLines(publishedFile(miniLm, 'vocab.txt', COMMAND)));
}

/**
 * Vectors of a vocabulary from the table of all-MiniLM-L6-v2.
 * @returns [V, 384]
 * @throws UserError where the network wants vectors of another size, or the weights have not been fetched
 */
export async function miniLmVectors(
  pieces: WordPieces,
  vocabulary: Vocabulary,
  features: number,
): Promise<Float32Array> {
  if (features !== FEATURES)
    throw new UserError(`model.features: expected ${FEATURES} with model.vectors minilm, got ${features}`);
  const path = publishedFile(miniLm, 'model.safetensors', COMMAND);
  const entry = (await readCheckpoint(path, { prefix: TABLE })).get('weight');
  if (entry?.dtype !== 'F32' || entry.shape.join() !== [pieces.pieces.length, FEATURES].join())
    throw new UserError(`${path}: expected float32 ${TABLE}weight [${pieces.pieces.length}, ${FEATURES}]`);
  return vectorsOf(vocabulary.words, pieces, entry.values, FEATURES);
}

/**
 * The mean of the vectors of a word's pieces, then all words centered and scaled to the deviation of random vectors.
 * Padding, unknown words, and words without pieces have zeros.
 * @param table [pieces, D]
 * @returns [words, D]
 */
export function vectorsOf(
  words: readonly string[],
  pieces: WordPieces,
  table: Float32Array,
  features: number,
): Float32Array {
  const vectors = new Float32Array(words.length * features);
  const known: number[] = [];
  const mean = new Float64Array(features);
  for (const [symbol, word] of words.entries()) {
    const rows = symbol <= UNKNOWN ? [] : pieces.rowsOf(word);
    if (rows.length === 0) continue;
    known.push(symbol);
    for (let feature = 0; feature < features; feature++) {
      const sum = rows.reduce((all, row) => all + table[row * features + feature]!, 0);
      vectors[symbol * features + feature] = sum / rows.length;
      mean[feature]! += sum / rows.length;
    }
  }
  let square = 0;
  for (const symbol of known)
    for (let feature = 0; feature < features; feature++) {
      const place = symbol * features + feature;
      vectors[place]! -= mean[feature]! / known.length;
      square += vectors[place]! ** 2;
    }
  const scale = square === 0 ? 1 : DEVIATION / Math.sqrt(square / (known.length * features));
  for (let place = 0; place < vectors.length; place++) vectors[place]! *= scale;
  return vectors;
}
