import {
  Dropout,
  Embedding,
  Linear,
  LstmCell,
  Module,
  scan,
  type RandomStream,
  type RandomTensors,
  type TensorTree,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { BEGIN } from './alphabet.ts';
import { createAttention, type Attention, type Memory } from './attention.ts';
import type { ModelConfig } from './config.ts';

/** Hidden state and cell of an LSTM cell, [B, D] each. */
interface CellState extends Readonly<Record<string, TensorTree>> {
  readonly hidden: tf.Tensor;
  readonly cell: tf.Tensor;
}

/** All that the speller carries from letter to letter. */
export interface SpellerState extends Readonly<Record<string, TensorTree>> {
  readonly cells: readonly CellState[];
  /** Context of the letter before, [B, H]. */
  readonly context: tf.Tensor;
  /** Attention weights of the letter before, [B, U]. */
  readonly weights: tf.Tensor;
}

/** Noise of a training step, and how much of the transcript the speller is told. */
export interface TeachingOptions {
  readonly random: RandomTensors;
  /** Probability that a letter's input is the transcript's letter, not one drawn from the speller: a scalar. */
  readonly teacherForcing: tf.Tensor;
}

/** Dropout factors, the same at every letter. */
interface DropoutFactors {
  readonly input: tf.Tensor; // [B, E + H]
  readonly output: tf.Tensor; // [B, D + H]
}

/** AttendAndSpell: two LSTM cells, of which the first reads the last letter and the last context. */
export class Speller extends Module {
  readonly embedding: Embedding;
  readonly cells: readonly LstmCell[];
  readonly attention: Attention;
  /** From state and context to the features of a letter. */
  readonly hidden: Linear;
  readonly characters: Linear | undefined;
  readonly #config: ModelConfig;
  readonly dropout: Dropout;

  constructor(config: ModelConfig, random: RandomStream) {
    super();
    const { listenerUnits, spellerUnits, embeddingSize, alphabetSize, tiedEmbedding, dropout } = config;
    this.#config = config;
    this.dropout = new Dropout(dropout);
    this.embedding = new Embedding(alphabetSize, embeddingSize, { random: random.fork('embedding') });
    this.cells = [embeddingSize + 2 * listenerUnits, spellerUnits].map(
      (inputs, index) => new LstmCell(inputs, spellerUnits, { random: random.fork(`cell ${index}`) }),
    );
    this.attention = createAttention(config, random.fork('attention'));
    this.hidden = new Linear(spellerUnits + 2 * listenerUnits, embeddingSize, { random: random.fork('hidden') });
    if (!tiedEmbedding)
      this.characters = new Linear(embeddingSize, alphabetSize, { random: random.fork('characters') });
  }

  /** State before the first letter. */
  begin({ values }: Memory): SpellerState {
    const [batch, steps, size] = values.shape as [number, number, number];
    const zeros = () => tf.zeros([batch, this.#config.spellerUnits]);
    return {
      cells: this.cells.map(() => ({ hidden: zeros(), cell: zeros() })),
      context: tf.zeros([batch, size]),
      weights: tf.zeros([batch, steps]),
    };
  }

  /**
   * One letter: sᵢ = RNN(sᵢ₋₁, yᵢ₋₁, cᵢ₋₁), cᵢ = Attend(sᵢ, h), P(yᵢ) = MLP(sᵢ, cᵢ) (equations 6 to 8).
   * @param symbols the letters before, int32 [B]
   * @returns logits of the next letters, [B, V], and the state after them
   */
  spell(
    symbols: tf.Tensor,
    last: SpellerState,
    memory: Memory,
    dropout?: DropoutFactors,
  ): { readonly logits: tf.Tensor; readonly state: SpellerState } {
    let input = scaled(tf.concat([this.embedding.forward(symbols), last.context], 1), dropout?.input); // [B, E + H]
    const cells = this.cells.map((each, index) => {
      const { hidden, cell } = each.forward(input, last.cells[index]!);
      input = hidden; // [B, D]
      return { hidden, cell };
    });
    const { weights, context } = this.attention.attend(input, last.weights, memory);
    const output = scaled(tf.concat([input, context], 1), dropout?.output); // [B, D + H]
    const hidden = tf.tanh(this.hidden.forward(output)); // [B, E]
    const logits = this.characters?.forward(hidden) ?? tf.matMul(hidden, this.embedding.weight, false, true);
    return { logits, state: { cells, context, weights } };
  }

  /**
   * Logits of every letter of known transcripts, in one loop.
   * @param transcripts int32 [B, L], without the begin symbol
   * @param teaching in training: noise, and the share of letters that the speller is told; else it is told all
   * @returns logits [B, L, V], and attention weights [B, L, U]
   */
  forward(
    memory: Memory,
    transcripts: tf.Tensor,
    teaching?: TeachingOptions,
  ): { readonly logits: tf.Tensor; readonly weights: tf.Tensor } {
    const [batch, length] = transcripts.shape as [number, number];
    const begin = tf.fill([batch], BEGIN, 'int32');
    const before = tf.concat([tf.expandDims(begin, 1), tf.slice(transcripts, [0, 0], [batch, length - 1])], 1);
    const dropout = teaching && this.#dropoutFactors(batch, teaching.random);
    const inputs: Readonly<Record<string, tf.Tensor>> = {
      told: tf.transpose(before), // [L, B]
      ...(teaching && this.#sampling(batch, length, teaching)),
    };
    const { output } = scan(
      ({ state, said }, { told, isTold, noise }: Readonly<Record<string, tf.Tensor>>) => {
        const symbols = isTold === undefined ? told! : tf.where(tf.cast(isTold, 'bool'), told!, said);
        const { logits, state: next } = this.spell(symbols, state, memory, dropout);
        const drawn = noise === undefined ? said : tf.cast(tf.argMax(tf.add(logits, noise), 1), 'int32');
        return { carry: { state: next, said: drawn }, output: { logits, weights: next.weights } };
      },
      { state: this.begin(memory), said: begin },
      inputs,
    );
    return { logits: tf.transpose(output.logits, [1, 0, 2]), weights: tf.transpose(output.weights, [1, 0, 2]) };
  }

  /** Whether each letter is told, int32 [L, B], and Gumbel noise [L, B, V], by which an argmax is a draw. */
  #sampling(batch: number, length: number, { random, teacherForcing }: TeachingOptions) {
    const isTold = tf.cast(tf.less(random.uniform([length, batch]), teacherForcing), 'int32');
    const uniform = random.uniform([length, batch, this.#config.alphabetSize], 1e-7, 1);
    return { isTold, noise: tf.neg(tf.log(tf.neg(tf.log(uniform)))) };
  }

  #dropoutFactors(batch: number, random: RandomTensors): DropoutFactors | undefined {
    if (!this.dropout.training || this.dropout.rate === 0) return undefined;
    const { embeddingSize, spellerUnits, listenerUnits } = this.#config;
    const factors = (size: number) => this.dropout.forward(tf.ones([batch, size + 2 * listenerUnits]), random);
    return { input: factors(embeddingSize), output: factors(spellerUnits) };
  }
}

function scaled(tensor: tf.Tensor, factors: tf.Tensor | undefined): tf.Tensor {
  return factors === undefined ? tensor : tf.mul(tensor, factors);
}
