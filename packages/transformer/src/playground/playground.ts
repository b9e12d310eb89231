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

/** Which held-out examples are measured. */
export interface HeldOut {
  /** Of the examples in training; up to twice as long ones are measured. */
  readonly maxLength: number;
  /** Of each length; of the language as many texts, and twenty times as many sentences. */
  readonly examples: number;
  /** Draws them: the same for whoever is measured. */
  readonly random: RandomStream;
}

/** What held-out examples say of a predictor. */
export interface Measurement {
  readonly metrics: Metrics;
  /** By the length of the question, the share of exact answers; by position in a text, nats per character. */
  readonly byLength: readonly (readonly [length: number, value: number])[];
}

/** Something small to learn. */
export interface Playground {
  readonly description: string;
  readonly kind: ModelConfig['kind'];
  /** What symbol `FIRST_SYMBOL + i` stands for; those before are padding, begin and end. */
  readonly symbols: readonly string[];
  /** What `byLength` is. */
  readonly axes: { readonly xName: string; readonly yName: string };
  /** Examples without an end in batches of one shape; of a task, none that is held out. */
  trainingBatches(options: {
    readonly maxLength: number;
    readonly batchSize: number;
    readonly batchesPerEpoch: number;
    readonly random: RandomStream;
  }): BatchSource<PairBatch>;
  /** Symbols that the network has to take in for an example of a length, those of the frame among them. */
  longestRead(length: number): number;
  /** A held-out one; of the language, a sentence or the beginning of one. */
  example(length: number, random: RandomStream): Example;
  measure(model: Transformer, heldOut: HeldOut): Promise<Measurement>;
  /** What needs no network, on the same examples; of the language model also its bound. */
  baselines(heldOut: HeldOut): Readonly<Record<string, Measurement>>;
}

/** What a preset of the playground learns. */
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
    longestRead(length) {
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

/** Exact answers within the lengths of training, one beyond them, and beyond them up to twice as far. */
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
/** What the n-grams count: with four times as many they gain 0.001 nats. */
const COUNTED_SENTENCES = 5000;
/** Their mean length is known to a third of a per cent. */
const MEASURED_LENGTHS = 20_000;
/** Positions that a point of the curve is the mean of. */
const POSITIONS_PER_POINT = 8;

const characters: Playground = {
  description: 'write small English, letter by letter',
  kind: 'decoder',
  symbols: CHARACTERS,
  axes: { xName: 'position in the text', yName: 'nats per character' },
  trainingBatches: (options) => characterBatches(FRAME, options),
  longestRead: (length) => length,
  example: (length, random) => ({ source: [], target: drawSentence(random).slice(0, length) }),
  async measure(model, heldOut) {
    const { sentences, texts } = heldOutTexts(heldOut);
    // One sentence in ten thousand is longer than the table of positions.
    const whole = sentences.filter(({ length }) => length < model.config.maxLength);
    const ofSentences = await characterLosses(
      model,
      whole.map((target) => framed({ source: [], target }, FRAME)),
    );
    return ofCharacters(ofSentences, await characterLosses(model, texts), heldOut);
  },
  baselines(heldOut) {
    const { sentences, texts } = heldOutTexts(heldOut);
    const counted = sentencesFrom(heldOut.random.fork('counted'), COUNTED_SENTENCES);
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
    const drawn = sentencesFrom(heldOut.random.fork('lengths'), MEASURED_LENGTHS);
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

/** Sentences to measure one by one, and texts twice as long as those of training. */
function heldOutTexts({ random, examples, maxLength }: HeldOut) {
  const own = random.fork('texts');
  return {
    sentences: sentencesFrom(random.fork('sentences'), SENTENCES_PER_TEXT * examples),
    texts: Array.from({ length: examples }, () => drawText(own, FRAME, 2 * maxLength)),
  };
}

/** A text's sentences without their ends; the last may be cut off. */
function sentencesOf(text: readonly number[]): number[][] {
  const sentences: number[][] = [[]];
  for (const symbol of text)
    if (symbol === FRAME.end) sentences.push([]);
    else sentences.at(-1)!.push(symbol);
  return sentences;
}

/** From the nats of each symbol of whole sentences, and of texts of one length. */
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
