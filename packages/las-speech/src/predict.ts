import type { StepCompiler } from '@motley/core';
import type { Frames } from '@motley/core/audio';
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { type Alphabet, END, PADDING } from './alphabet.ts';
import type { FeatureSettings, LasSpeechConfig } from './config.ts';
import type { LanguageModel } from './decoding/language-model.ts';
import { framesOf } from './features.ts';
import type { ListenAttendSpell } from './model.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';
import { speechPieces } from './speech-pieces.ts';
import { streamWords } from './stream-words.ts';
import { type SearchInputs, TranscriptSearch } from './transcript-search.ts';

/** Pieces recognized in one batch. */
const BATCH_SIZE = 8;
/** Frames are padded to a multiple of this, so few shapes are compiled. */
const FRAME_STEP = 64;
/** Shorter sounds have no frame of features. */
const LEAST_SAMPLES = SAMPLE_RATE_IN_HZ / 20;

/** Text of a sound. */
export interface Recognition {
  /** Empty where nobody speaks. */
  readonly text: string;
  /** Score of the search. */
  readonly score: number;
  /** Geometric mean of the symbols' probabilities; 1 where there are none. */
  readonly confidence: number;
  /** Whether every piece came to its end: one that did not was cut, and is probably nonsense. */
  readonly isComplete: boolean;
  /** Length of the sound. */
  readonly seconds: number;
}

/** Where the speller looks, letter by letter. */
export interface Alignment {
  readonly text: string;
  /** The features heard. */
  readonly frames: Frames;
  /** Attention weights [L, U] of the letters and the end, row-major. */
  readonly weights: Float32Array;
  /** U, steps of the listener. */
  readonly steps: number;
}

export interface RecognizerOptions {
  readonly alphabet: Alphabet;
  readonly features: FeatureSettings;
  readonly decoding: LasSpeechConfig['decoding'];
  /** Its weight is `decoding.languageWeight`. */
  readonly languageModel?: LanguageModel | undefined;
  /** Compiles the recognition; without it, it runs uncompiled, some ten times slower. */
  readonly compile?: StepCompiler | undefined;
}

/** A piece of one of several sounds, and what was heard in it. */
interface HeardPiece {
  readonly sound: number;
  readonly samples: Float32Array;
  symbols: readonly number[];
  score: number;
  logProbability: number;
}

/** Turns speech into text with a trained network. Sound has 16 kHz and one channel. */
export class Recognizer {
  readonly #model: ListenAttendSpell;
  readonly #options: RecognizerOptions;
  readonly #search: TranscriptSearch;

  constructor(model: ListenAttendSpell, options: RecognizerOptions) {
    const { decoding, languageModel, compile } = options;
    this.#model = model;
    this.#options = options;
    this.#search = new TranscriptSearch(model, { ...decoding, languageModel }, compile);
  }

  /**
   * The text of a sound, which may be hours long: it is recognized in pieces, between which the speaker pauses.
   * @param place name of the sound, for messages
   * @throws UserError where a sample is not finite
   */
  async transcribe(samples: Float32Array, place = 'sound'): Promise<Recognition> {
    return (await this.transcribeAll([samples], () => place))[0]!;
  }

  /**
   * The texts of several sounds, in order, recognized in batches.
   * @throws UserError naming a sound with a sample that is not finite
   */
  async transcribeAll(
    sounds: readonly Float32Array[],
    place = (index: number): string => `sound ${index + 1}`,
  ): Promise<Recognition[]> {
    const pieces: HeardPiece[] = sounds.flatMap((samples, sound) => {
      requireFinite(samples, place(sound));
      if (samples.length < LEAST_SAMPLES) return [];
      return speechPieces(samples, this.#options.decoding.longestPieceInSeconds).map(({ first, end }) => ({
        sound,
        samples: samples.subarray(first, end),
        symbols: [],
        score: 0,
        logProbability: 0,
      }));
    });
    const byLength = pieces.filter(({ samples }) => samples.length >= LEAST_SAMPLES);
    byLength.sort((a, b) => a.samples.length - b.samples.length);
    for (let first = 0; first < byLength.length; first += BATCH_SIZE)
      await this.#hear(byLength.slice(first, first + BATCH_SIZE));
    const ofSound = sounds.map((): HeardPiece[] => []);
    for (const piece of pieces) ofSound[piece.sound]!.push(piece);
    return sounds.map((samples, sound) => this.#joined(ofSound[sound]!, samples.length / SAMPLE_RATE_IN_HZ));
  }

  /**
   * Words of a sound that is still going on, as soon as two successive hypotheses agree on them; joined, they are the text.
   * @param chunks samples in succession
   * @throws UserError where a sample is not finite
   */
  stream(chunks: AsyncIterable<Float32Array>, place = 'sound'): AsyncGenerator<string> {
    const recognize = async (samples: Float32Array): Promise<string> => (await this.transcribe(samples, place)).text;
    return streamWords(chunks, recognize, { longestInSeconds: this.#options.decoding.longestPieceInSeconds });
  }

  /**
   * The text of a sound as one piece, and the attention by which it was spelled.
   * @throws UserError where a sample is not finite, the sound is too short, or the network has no speller
   */
  async align(samples: Float32Array, place = 'sound'): Promise<Alignment> {
    const { speller } = this.#model;
    if (speller === undefined)
      throw new UserError(`${place}: expected a network with a speller (model.heads), got one of a CTC head alone`);
    requireFinite(samples, place);
    if (samples.length < LEAST_SAMPLES)
      throw new UserError(`${place}: expected at least ${LEAST_SAMPLES} samples, got ${samples.length}`);
    const piece: HeardPiece = { sound: 0, samples, symbols: [], score: 0, logProbability: 0 };
    await this.#hear([piece]);
    const frames = framesOf(samples, this.#options.features);
    const weights = tf.tidy(() => {
      const lengths = tf.tensor1d([frames.count], 'int32');
      const heard = this.#model.listen(tf.tensor3d(frames.values, [1, frames.count, frames.width]), lengths);
      const memory = speller.attention.remember(heard.values, heard.lengths);
      return speller.forward(memory, tf.tensor2d([[...piece.symbols]], [1, piece.symbols.length], 'int32')).weights;
    });
    const values = await weights.data<'float32'>();
    weights.dispose();
    return { text: this.#options.alphabet.text(piece.symbols), frames, weights: values, steps: weights.shape[2]! };
  }

  dispose(): void {
    this.#search.dispose();
  }

  /** Recognizes one batch. */
  async #hear(pieces: readonly HeardPiece[]): Promise<void> {
    const frames = pieces.map(({ samples }) => framesOf(samples, this.#options.features));
    // Two batch sizes are compiled. Rows of length 0 fill an incomplete batch.
    const height = pieces.length === 1 ? 1 : this.#search.isCompiled ? BATCH_SIZE : pieces.length;
    const longest = frames.reduce((length, { count }) => Math.max(length, count), 1);
    const time = Math.ceil(longest / FRAME_STEP) * FRAME_STEP;
    const width = frames[0]!.width;
    const values = new Float32Array(height * time * width);
    const lengths = new Int32Array(height);
    for (const [row, each] of frames.entries()) {
      values.set(each.values, row * time * width);
      lengths[row] = each.count;
    }
    const request: SearchInputs = {
      frames: tf.tensor3d(values, [height, time, width]),
      lengths: tf.tensor1d(lengths, 'int32'),
    };
    const answer = this.#search.best(request);
    const [symbols, scores, logProbabilities] = await Promise.all([
      answer.symbols.array() as Promise<number[][]>,
      answer.scores.data(),
      answer.logProbabilities.data(),
    ]);
    tf.dispose([{ ...request }, { ...answer }]);
    for (const [row, piece] of pieces.entries()) {
      piece.symbols = symbols[row]!.filter((symbol) => symbol !== PADDING);
      piece.score = scores[row]!;
      piece.logProbability = logProbabilities[row]!;
    }
  }

  #joined(pieces: readonly HeardPiece[], seconds: number): Recognition {
    const texts = pieces.map(({ symbols }) => this.#options.alphabet.text(symbols).trim());
    const count = pieces.reduce((sum, { symbols }) => sum + symbols.length, 0);
    const logProbability = pieces.reduce((sum, each) => sum + each.logProbability, 0);
    return {
      text: texts.filter((text) => text !== '').join(' '),
      score: pieces.reduce((sum, { score }) => sum + score, 0),
      confidence: count === 0 ? 1 : Math.exp(logProbability / count),
      isComplete: pieces.every(({ symbols }) => symbols.at(-1) === END),
      seconds,
    };
  }
}

function requireFinite(samples: Float32Array, place: string): void {
  for (let index = 0; index < samples.length; index++)
    if (!Number.isFinite(samples[index]))
      throw new UserError(
        `${place}: expected finite samples, found ${samples[index]} at ${(index / SAMPLE_RATE_IN_HZ).toFixed(3)} s`,
      );
}
