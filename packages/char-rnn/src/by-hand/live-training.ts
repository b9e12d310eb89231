import type { Tokenizer } from '@motley/core/text';
import { RandomNumbers, UserError } from '@motley/run';
import { encode, tokenizerOf, vocabularyOf } from '../vocabulary.ts';
import { crossEntropy } from './loss.ts';
import { RecurrentNetwork } from './model.ts';
import { sample } from './sample.ts';

const SIZES = { hiddenSize: 64, layers: 1 };
/** Steps of truncated backpropagation through time. */
const STEPS = 25;
const LEARNING_RATE = 0.1;
const MAX_GRADIENT_VALUE = 5;
const SMOOTHING = 0.99;
/** Losses are kept once in so many steps. */
const STEPS_OF_A_POINT = 10;

/** Training of a small network on a short text, one window at a time, as in min-char-rnn. */
export class LiveTraining {
  /** Updates so far. */
  step = 0;
  readonly #tokenizer: Tokenizer;
  readonly #symbols: Int32Array;
  readonly #network: RecurrentNetwork;
  readonly #seed: number;
  readonly #losses: number[] = [];
  #place = 0;
  #mean = 0;

  /** @throws UserError if the text is too short */
  constructor(text: string, seed: number) {
    const tokenizer = tokenizerOf(vocabularyOf(text, 'character'), 'character');
    this.#symbols = tokenizer.encode(text);
    if (this.#symbols.length <= STEPS)
      throw new UserError(`text to learn: expected more than ${STEPS} letters, found ${this.#symbols.length}`);
    this.#tokenizer = tokenizer;
    this.#seed = seed;
    const sizes = { ...SIZES, vocabularySize: tokenizer.vocabularySize };
    this.#network = new RecurrentNetwork(sizes, { streams: 1, steps: STEPS });
    this.#network.initialize(RandomNumbers.fromSeed(seed).fork('weights'));
  }

  /** Learns the next window of the text; after the last one, it begins again. */
  update(): void {
    const network = this.#network;
    const symbols = this.#symbols;
    if (this.#place + STEPS >= symbols.length) this.#place = 0;
    if (this.#place === 0) network.resetState();
    const inputs = symbols.subarray(this.#place, this.#place + STEPS);
    const targets = symbols.subarray(this.#place + 1, this.#place + STEPS + 1);
    const logits = network.forward(inputs);
    const loss = crossEntropy(network.memory.valuesOf(logits), targets);
    network.backward(inputs, logits);
    network.update(LEARNING_RATE, null, MAX_GRADIENT_VALUE);
    network.carryState(STEPS);
    this.#place += STEPS;
    this.step++;
    // The mean of all at first, so that it has no bias towards 0.
    this.#mean += (loss - this.#mean) * Math.max(1 - SMOOTHING, 1 / this.step);
    if (this.step % STEPS_OF_A_POINT === 0) this.#losses.push(this.#mean);
  }

  /**
   * Continues a beginning with the weights of now.
   * @throws UserError if it has a letter that the text has not
   */
  write(beginning: string, length: number, temperature: number): string {
    const start = beginning === '' ? this.#symbols.subarray(0, 1) : encode(this.#tokenizer, beginning, 'beginning');
    const random = RandomNumbers.fromSeed(this.#seed).fork('sample');
    const written = Array.from(sample(this.#network, start, length, temperature, random));
    return this.#tokenizer.decode(beginning === '' ? [...start, ...written] : written);
  }

  /** State, smoothed losses, hidden units of the last window and weights, to be drawn. */
  view() {
    const losses = Float32Array.from(this.#losses);
    const x = losses.map((_, index) => (index + 1) * STEPS_OF_A_POINT);
    const matrices = this.#network.parameters.filter(({ shape }) => shape.length === 2);
    return {
      state: `Step ${this.step}, loss ${this.#mean.toFixed(3)} nats per letter.`,
      progress: [{ name: 'training loss', x, y: losses }],
      hidden: [
        {
          name: `${STEPS} letters down, ${SIZES.hiddenSize} units across`,
          height: STEPS,
          width: SIZES.hiddenSize,
          values: Float32Array.from(this.#network.states(0)),
        },
      ],
      weights: matrices.map(({ name, shape, value }) => ({
        name,
        height: shape[0]!,
        width: shape[1]!,
        values: Float32Array.from(this.#network.memory.valuesOf(value)),
      })),
    };
  }
}
