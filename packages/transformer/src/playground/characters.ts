import { Dataset, type RandomStream, softmaxCrossEntropy } from '@motley/core';
import { englishGrammar } from '@motley/core/generators';
import { yieldToEventLoop, type BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { PAIR_FIELDS, type PairBatch } from '../batches.ts';
import type { Frame } from '../decoding/beam-search.ts';
import { PADDING } from '../masks.ts';
import type { Transformer } from '../model.ts';
import { FIRST_SYMBOL } from './tasks.ts';

/** Small English of core, with agreement between verbs and distant subjects. */
const grammar = englishGrammar();

/** Character of symbol `FIRST_SYMBOL + i`. */
export const CHARACTERS: readonly string[] = [...new Set(`${grammar.words.join('')} `)].sort();

const SYMBOL_OF = new Map(CHARACTERS.map((character, index) => [character, FIRST_SYMBOL + index]));

/** Entropy of a sentence with its end, in nats: a lower bound on the cross-entropy of any model. */
export const SENTENCE_ENTROPY_IN_NATS = grammar.entropyInNats;

/** Draws a sentence, as symbols. */
export function drawSentence(random: RandomStream): number[] {
  return Array.from(grammar.draw(random).join(' '), (character) => SYMBOL_OF.get(character)!);
}

/** Input of a language model, and the next symbol at each position. */
export interface Text {
  readonly input: readonly number[];
  readonly target: readonly number[];
}

/** Draws sentences, each with its end symbol, cut off after `length` symbols. */
export function drawText(random: RandomStream, { begin, end }: Frame, length: number): Text {
  const target: number[] = [];
  while (target.length < length) {
    for (const symbol of drawSentence(random)) target.push(symbol);
    target.push(end);
  }
  return { input: [begin, ...target.slice(0, length - 1)], target: target.slice(0, length) };
}

/** Endless texts of `maxLength` symbols. `source` is only an end symbol, as there is nothing to translate. */
export function characterBatches(
  frame: Frame,
  options: {
    readonly maxLength: number;
    readonly batchSize: number;
    readonly batchesPerEpoch: number;
    readonly random: RandomStream;
  },
): BatchSource<PairBatch> {
  const { maxLength, random, ...batching } = options;
  const texts = Dataset.generate(Infinity, random.fork('texts'), (own) => ({
    source: [frame.end],
    ...drawText(own, frame, maxLength),
  }));
  return texts.batch({ ...batching, fields: PAIR_FIELDS });
}

/** Texts in a batch; sorting by length keeps padding low. */
const BATCH_SIZE = 128;

/** Cross-entropy of each symbol of each text, in nats; texts are sorted by length. */
export async function characterLosses(model: Transformer, texts: readonly Text[]): Promise<number[][]> {
  const losses: number[][] = [];
  const inOrder = texts.toSorted((a, b) => a.target.length - b.target.length);
  for (let first = 0; first < inOrder.length; first += BATCH_SIZE) {
    const rows = inOrder.slice(first, first + BATCH_SIZE);
    const longest = rows.at(-1)!.target.length;
    const padded = (side: 'input' | 'target'): tf.Tensor =>
      tf.tensor2d(
        rows.map((row) => [...row[side], ...new Array<number>(longest - row[side].length).fill(PADDING)]),
        undefined,
        'int32',
      );
    const batch = tf.tidy(() =>
      softmaxCrossEntropy(model.forward(undefined, padded('input')), padded('target'), { reduction: 'none' }),
    );
    const values = await batch.data<'float32'>();
    batch.dispose();
    for (const [row, { target }] of rows.entries())
      losses.push(Array.from(values.subarray(row * longest, row * longest + target.length)));
    await yieldToEventLoop();
  }
  return losses;
}
