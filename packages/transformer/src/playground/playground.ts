import { RandomStream } from '@motley/core';
import type { Metrics, BatchSource } from '@motley/run';
import { framed, taskBatches, type PairBatch } from '../batches.ts';
import type { ModelConfig } from '../config.ts';
import type { Transformer } from '../model.ts';
import { FRAME } from '../vocabulary.ts';
import {
  characterBatches,
  characterLosses,
  CHARACTERS,
  drawSentence,
  drawText,
  SENTENCE_ENTROPY_IN_NATS,
} from './characters.ts';
import { exactMatch, heldOutExamples, type LengthResult } from './exact-match.ts';
import { NGrams } from './n-grams.ts';
import { partOf, TASK_NAMES, TASKS, type Example, type TaskName } from './tasks.ts';

export const PLAYGROUND_NAMES = [...TASK_NAMES, 'characters'] as const;
export type PlaygroundName = (typeof PLAYGROUND_NAMES)[number];

/** Selection of held-out examples. */
export interface HeldOut {
  /** Maximum length in training; examples up to twice as long are evaluated. */
  readonly maxLength: number;
  /** Examples per length; for the language model, number of texts, and a twentieth of the number of sentences. */
  readonly examples: number;
  /** Random stream of the examples; the same for every model. */
  readonly random: RandomStream;
}

/** Metrics of a predictor on held-out examples. */
export interface Measurement {
  readonly metrics: Metrics;
  /** Fraction of exact answers by length of the question; for the language model, nats per character by position. */
  readonly byLength: readonly (readonly [length: number, value: number])[];
}

/** A toy problem. */
export interface Playground {
  readonly description: string;
  readonly kind: ModelConfig['kind'];
  /** Character of symbol `FIRST_SYMBOL + i`; padding, begin and end come before. */
  readonly symbols: readonly string[];
  /** Axis labels of `byLength`. */
  readonly axes: { readonly xName: string; readonly yName: string };
  /** Endless batches of one shape, without held-out examples. */
  trainingBatches(options: {
    readonly maxLength: number;
    readonly batchSize: number;
    readonly batchesPerEpoch: number;
    readonly random: RandomStream;
  }): BatchSource<PairBatch>;
  /** Length of the network's input for an example of a length, with begin or end symbol. */
  inputLength(length: number): number;
  /** Draws a held-out example; for the language model, a sentence or its beginning. */
  example(length: number, random: RandomStream): Example;
  measure(model: Transformer, heldOut: HeldOut): Promise<Measurement>;
  /** Predictors without a network on the same examples; for the language model also the entropy rate. */
  baselines(heldOut: HeldOut): Readonly<Record<string, Measurement>>;
}

/** The toy problem of a preset. */
export function playground(name: PlaygroundName): Playground {
  return name === 'characters' ? characters : taskPlayground(TASKS[name]);
}

function taskPlayground(task: (typeof TASKS)[TaskName]): Playground {
  const examplesOf = ({ maxLength, examples, random }: HeldOut): [number, Example[]][] =>
    Array.from({ length: 2 * maxLength }, (_, index) => [
      index + 1,
      heldOutExamples(task, index + 1, examples, random),
    ]);
  return {
    description: task.description,
    kind: 'encoder-decoder',
    symbols: task.symbols,
    axes: { xName: 'length of the question', yName: 'exact answers' },
    trainingBatches: (options) => taskBatches(partOf(task, 'training'), FRAME, options),
    inputLength(length) {
      const { source, target } = task.example(RandomStream.fromSeed(0), length);
      return Math.max(source.length, target.length) + 1;
    },
    example: (length, random) => partOf(task, 'held-out').example(random, length),
    async measure(model, heldOut) {
      const results: LengthResult[] = [];
      for (const [length, examples] of examplesOf(heldOut))
        results.push({ length, ...(await exactMatch(model, examples, FRAME)) });
      const { metrics, byLength } = ofLengths(results, heldOut);
      const trained = results.slice(0, heldOut.maxLength);
      return { metrics: { loss: mean(trained.map(({ loss }) => loss)), ...metrics }, byLength };
    },
    baselines(heldOut) {
      const results = examplesOf(heldOut).map(([length, examples]) => ({
        length,
        exact: mean(examples.map(({ source, target }) => (source.join() === target.join() ? 1 : 0))),
      }));
      return { repeating: ofLengths(results, heldOut) };
    },
  };
}

/** Exact answers for lengths in training, for one more, and for longer ones up to twice as long. */
function ofLengths(results: readonly Pick<LengthResult, 'length' | 'exact'>[], { maxLength }: HeldOut): Measurement {
  const exact = results.map((result) => result.exact);
  return {
    metrics: {
      exact: mean(exact.slice(0, maxLength)),
      exactOneLonger: exact[maxLength]!,
      exactLonger: mean(exact.slice(maxLength)),
    },
    byLength: results.map((result) => [result.length, result.exact]),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const SENTENCES_PER_TEXT = 20;
/** Training sentences of the n-grams; four times as many gain 0.001 nats. */
const NGRAM_SENTENCES = 5000;
/** Sentences for the mean length, which they give to a third of a percent. */
const LENGTH_SENTENCES = 20_000;
/** Positions averaged for a point of the curve. */
const POSITIONS_PER_POINT = 8;

const characters: Playground = {
  description: 'model small English character by character',
  kind: 'decoder',
  symbols: CHARACTERS,
  axes: { xName: 'position in the text', yName: 'nats per character' },
  trainingBatches: (options) => characterBatches(FRAME, options),
  inputLength: (length) => length,
  example: (length, random) => ({ source: [], target: drawSentence(random).slice(0, length) }),
  async measure(model, heldOut) {
    const { sentences, texts } = heldOutTexts(heldOut);
    // One sentence in ten thousand exceeds the network's maximum length.
    const whole = sentences.filter(({ length }) => length < model.config.maxLength);
    const ofSentences = await characterLosses(
      model,
      whole.map((target) => framed({ source: [], target }, FRAME)),
    );
    return ofCharacters(ofSentences, await characterLosses(model, texts), heldOut);
  },
  baselines(heldOut) {
    const { sentences, texts } = heldOutTexts(heldOut);
    const counted = sentencesFrom(heldOut.random.fork('counted'), NGRAM_SENTENCES);
    const { end } = FRAME;
    const nGrams = (order: number): Measurement => {
      const model = new NGrams(counted, { order, end, symbols: CHARACTERS.length + 1 });
      const losses = (sentence: readonly number[]): number[] => model.losses(sentence);
      return ofCharacters(
        sentences.map(losses),
        texts.map(({ target }) => sentencesOf(target).flatMap(losses).slice(0, target.length)),
        heldOut,
      );
    };
    const drawn = sentencesFrom(heldOut.random.fork('lengths'), LENGTH_SENTENCES);
    const entropyRate = SENTENCE_ENTROPY_IN_NATS / mean(drawn.map(({ length }) => length + 1));
    return {
      unigram: nGrams(1),
      bigram: nGrams(2),
      fiveGram: nGrams(5),
      entropy: {
        metrics: { loss: entropyRate, bits: entropyRate / Math.LN2, natsPerSentence: SENTENCE_ENTROPY_IN_NATS },
        byLength: [1, 2 * heldOut.maxLength].map((position) => [position, entropyRate]),
      },
    };
  },
};

function sentencesFrom(random: RandomStream, count: number): number[][] {
  return Array.from({ length: count }, () => drawSentence(random));
}

/** Single sentences, and texts twice as long as in training. */
function heldOutTexts({ random, examples, maxLength }: HeldOut) {
  const own = random.fork('texts');
  return {
    sentences: sentencesFrom(random.fork('sentences'), SENTENCES_PER_TEXT * examples),
    texts: Array.from({ length: examples }, () => drawText(own, FRAME, 2 * maxLength)),
  };
}

/** Sentences of a text without end symbols; the last may be cut off. */
function sentencesOf(text: readonly number[]): number[][] {
  const sentences: number[][] = [[]];
  for (const symbol of text)
    if (symbol === FRAME.end) sentences.push([]);
    else sentences.at(-1)!.push(symbol);
  return sentences;
}

/** Metrics from the losses of each symbol of whole sentences and of texts. */
function ofCharacters(
  sentences: readonly (readonly number[])[],
  texts: readonly (readonly number[])[],
  { maxLength }: HeldOut,
): Measurement {
  const natsPerSentence = mean(sentences.map((losses) => losses.reduce((sum, value) => sum + value, 0)));
  const loss = natsPerSentence / mean(sentences.map(({ length }) => length));
  const nats = (from: number, to: number): number => mean(texts.flatMap((losses) => losses.slice(from, to)));
  const firsts = Array.from(
    { length: (2 * maxLength) / POSITIONS_PER_POINT },
    (_, index) => POSITIONS_PER_POINT * index,
  );
  return {
    metrics: { loss, bits: loss / Math.LN2, natsPerSentence, lossLonger: nats(maxLength, 2 * maxLength) },
    byLength: firsts.map((first) => [first + (POSITIONS_PER_POINT + 1) / 2, nats(first, first + POSITIONS_PER_POINT)]),
  };
}
