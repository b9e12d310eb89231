import { Dataset, type RandomStream, softmaxCrossEntropy } from '@motley/core';
import { englishGrammar } from '@motley/core/generators';
import { yieldToEventLoop, type BatchSource } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { PAIR_FIELDS, type PairBatch } from '../batches.ts';
import type { Frame } from '../decoding/beam-search.ts';
import { PADDING } from '../masks.ts';
import type { Transformer } from '../model.ts';
import { FIRST_SYMBOL } from './tasks.ts';

/** Core's small English, whose verbs agree with subjects far before them, letter by letter. */
const grammar = englishGrammar();

/** What symbol `FIRST_SYMBOL + i` stands for. */
export const CHARACTERS: readonly string[] = [...new Set(`${grammar.words.join('')} `)].sort();

const SYMBOL_OF = new Map(CHARACTERS.map((character, index) => [character, FIRST_SYMBOL + index]));

/** The lowest cross-entropy of a sentence, its end included, in nats: no model of the letters goes below. */
export const SENTENCE_ENTROPY_IN_NATS = grammar.entropyInNats;

/** A sentence of the language, as symbols. */
export function drawSentence(random: RandomStream): number[] {
  return Array.from(grammar.draw(random).join(' '), (character) => SYMBOL_OF.get(character)!);
}

/** What is read and what comes after each symbol of it. */
export interface Text {
  readonly input: readonly number[];
  readonly target: readonly number[];
}

/** Sentence after sentence, each with its end, cut off after `length` symbols. */
export function drawText(random: RandomStream, { begin, end }: Frame, length: number): Text {
  const target: number[] = [];
  while (target.length < length) target.push(...drawSentence(random), end);
  return { input: [begin, ...target.slice(0, length - 1)], target: target.slice(0, length) };
}

/** Texts of `maxLength` symbols without an end. There is nothing to translate: `source` is an end alone. */
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

/** Texts of about one length at a time: little padding. */
const MEASURED_AT_ONCE = 128;

/** Nats of each symbol of each text, in no order. */
export async function characterLosses(model: Transformer, texts: readonly Text[]): Promise<number[][]> {
  const losses: number[][] = [];
  const inOrder = texts.toSorted((a, b) => a.target.length - b.target.length);
  for (let first = 0; first < inOrder.length; first += MEASURED_AT_ONCE) {
    const rows = inOrder.slice(first, first + MEASURED_AT_ONCE);
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
