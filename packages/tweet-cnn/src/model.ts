/**
 * A convolutional network for sentences (Kim, "Convolutional Neural Networks for Sentence Classification", EMNLP 2014):
 *
 *   x₁ … xₙ          vectors of the words                                       (section 2)
 *   cᵢ = f(w · xᵢ:ᵢ₊ₕ₋₁ + b)    a feature of each window of h words               (equation 2)
 *   ĉ = max {c₁ … cₙ₋ₕ₊₁}       max over time                                    (section 2)
 *   logits = W · (z ∘ r) + b    dropout r on all features z = [ĉ¹ … ĉᵐ]           (equation 4)
 *
 * Departures: windows overlap the ends of the text, as in Kim's code, and those with no word at all do not count. A sum
 * over time may take the place of the maximum, or stand beside it.
 *
 * B batch, T words of a text, h words of a window, P = T + h - 1 windows, D features of a word, F filters, C classes.
 */
import {
  buffer,
  Dropout,
  embedding,
  kaimingUniform,
  type Layer,
  Linear,
  Module,
  parameter,
  type RandomStream,
  type RandomTensors,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { TweetCnnConfig } from './config.ts';
import { bytesOf, type Labels, PADDING } from './vocabulary.ts';

type ModelConfig = TweetCnnConfig['model'];

/** Half of the width of the uniform distribution of random vectors; Kim's code has it too. */
const INITIAL_RANGE = 0.25;

/** Word vectors: one table or two (section 2.1, figure 1). A row of zeros stands for padding. */
class WordVectors extends Module {
  /** Learned vectors [V, D], none with `static`. */
  readonly tuned: tf.Variable | undefined;
  /** Vectors that stay as they were given, [V, D], with `static` and `multichannel`. */
  readonly fixed: tf.Variable | undefined;

  /** @param initial [V, D]; the caller keeps it */
  constructor(channels: ModelConfig['embedding'], initial: tf.Tensor) {
    super();
    if (channels !== 'static') this.tuned = parameter(tf.clone(initial));
    if (channels === 'static' || channels === 'multichannel') this.fixed = buffer(tf.clone(initial));
  }

  /** Features of a word: D for each channel. */
  get features(): number {
    return [this.tuned, this.fixed].reduce((sum, table) => sum + (table?.shape[1] ?? 0), 0);
  }

  /** Symbols int32 [B, T] → [B, T, D], or [B, T, 2 D] with two channels. */
  forward(symbols: tf.Tensor): tf.Tensor {
    const isWord = tf.expandDims(tf.cast(tf.notEqual(symbols, PADDING), 'float32'), 2); // [B, T, 1]
    const tables = [this.tuned, this.fixed].filter((table) => table !== undefined);
    return tf.mul(
      tf.concat(
        tables.map((table) => embedding(symbols, table)),
        2,
      ),
      isWord,
    );
  }
}

/** Filters over windows of h words. Matches PyTorch's `Conv1d` with padding h - 1, then ReLU. */
class WindowFilters extends Module {
  readonly width: number;
  readonly weight: tf.Variable; // [h, D, F], in PyTorch [F, D, h]
  readonly bias: tf.Variable; // [F]

  constructor(width: number, features: number, filters: number, random: RandomStream) {
    super();
    this.width = width;
    const fans = { fanIn: width * features, fanOut: width * filters };
    this.weight = parameter(kaimingUniform([width, features, filters], fans, random.fork('weight')));
    this.bias = parameter(kaimingUniform([filters], fans, random.fork('bias')));
  }

  protected override axesInPyTorch() {
    return { weight: [2, 1, 0] } as const;
  }

  /**
   * Words [B, T, D] → features of each window [B, P, F], 0 where a window has no word.
   * @param lengths number of words of each text, int32 [B, 1]
   */
  forward(words: tf.Tensor, lengths: tf.Tensor): tf.Tensor {
    const [batch, time, features] = words.shape as [number, number, number];
    const h = this.width;
    const windows = time + h - 1;
    const around = tf.pad(words, [
      [0, 0],
      [h - 1, h - 1],
      [0, 0],
    ]); // [B, T + 2 (h - 1), D]
    const joined = tf.concat(
      Array.from({ length: h }, (_, offset) => tf.slice(around, [0, offset, 0], [batch, windows, features])),
      2,
    ); // [B, P, h D]: xᵢ:ᵢ₊ₕ₋₁
    const filters = tf.reshape(this.weight, [h * features, -1]);
    const rows = tf.add(tf.matMul(tf.reshape(joined, [batch * windows, h * features]), filters), this.bias);
    const found = tf.relu(tf.reshape(rows, [batch, windows, -1])); // [B, P, F]
    const hasWord = tf.less(tf.range(0, windows, 1, 'int32'), tf.add(lengths, h - 1)); // [B, P]
    return tf.mul(found, tf.cast(tf.expandDims(hasWord, 2), 'float32'));
  }
}

export class TextCnn extends Module implements Layer {
  readonly config: ModelConfig;
  readonly vectors: WordVectors;
  readonly convolutions: readonly WindowFilters[];
  readonly dropout: Dropout;
  readonly output: Linear;
  /** Vocabulary and names of classes, UTF-8 bytes; saved with the weights, so a checkpoint can read texts. */
  readonly words: tf.Variable;
  readonly classNames: tf.Variable;
  readonly labels: Labels;

  /**
   * @param random draws the initial weights
   * @param vectors initial word vectors, [V, D]; by default uniform in [-0.25, 0.25)
   */
  constructor(config: ModelConfig, labels: Labels, random: RandomStream, vectors?: Float32Array) {
    super();
    this.config = config;
    this.labels = labels;
    const { features, widths, filters, dropout, embedding: channels } = config;
    const shape: [number, number] = [labels.vocabulary.size, features];
    const initial =
      vectors === undefined
        ? random.fork('vectors').uniform(shape, -INITIAL_RANGE, INITIAL_RANGE)
        : tf.tensor(vectors, shape);
    this.vectors = new WordVectors(channels, initial);
    initial.dispose();
    this.convolutions = widths.map(
      (width) => new WindowFilters(width, this.vectors.features, filters, random.fork(`width ${width}`)),
    );
    this.dropout = new Dropout(dropout);
    const pooled = widths.length * filters * (config.pooling === 'both' ? 2 : 1);
    this.output = new Linear(pooled, labels.classNames.length, { random: random.fork('output') });
    this.words = buffer(tf.tensor1d(bytesOf(labels.vocabulary.words), 'int32'));
    this.classNames = buffer(tf.tensor1d(bytesOf(labels.classNames), 'int32'));
  }

  /** Features of each window: [B, P, F] for each width. */
  windows(symbols: tf.Tensor): tf.Tensor[] {
    const words = this.vectors.forward(symbols);
    const isWord = tf.cast(tf.notEqual(symbols, PADDING), 'int32');
    const lengths = tf.sum(isWord, 1, true); // [B, 1]
    return this.convolutions.map((filters) => filters.forward(words, lengths));
  }

  /** Features of each window → features of the text [B, F ·widths], twice as many with both poolings. */
  pool(windows: readonly tf.Tensor[]): tf.Tensor {
    const { pooling } = this.config;
    const maxima = pooling === 'sum' ? [] : windows.map((found) => tf.max(found, 1));
    const sums = pooling === 'max' ? [] : windows.map((found) => tf.sum(found, 1));
    return tf.concat([...maxima, ...sums], 1);
  }

  /** Weights of the classes [C, features], each row no longer than `maxNorm` (section 2.2). */
  classWeights(): tf.Tensor {
    const { maxNorm } = this.config;
    const { weight } = this.output;
    if (maxNorm === null) return tf.clone(weight);
    const norms = tf.sqrt(tf.sum(tf.square(weight), 1, true)); // [C, 1]
    return tf.mul(weight, tf.div(maxNorm, tf.maximum(norms, maxNorm)));
  }

  /**
   * Symbols int32 [B, T] → logits [B, C].
   * @param random noise of the dropout, in training
   */
  forward(symbols: tf.Tensor, random?: RandomTensors): tf.Tensor {
    return tf.tidy(() => {
      const pooled = this.pool(this.windows(symbols));
      const kept = random === undefined ? pooled : this.dropout.forward(pooled, random);
      return tf.add(tf.matMul(kept, this.classWeights(), false, true), this.output.bias!);
    });
  }
}
