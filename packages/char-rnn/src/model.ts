/**
 * A two-layer LSTM that predicts the next symbol of a text, from its equations (Hochreiter & Schmidhuber, 1997, with the
 * forget gate of Gers et al., 2000; for characters: Karpathy, "The unreasonable effectiveness of recurrent neural
 * networks", 2015). For layer l and step t, σ the logistic function, ⊙ element by element:
 *
 *   [zⁱ zᶠ zᵍ zᵒ] = xₜ W_ihᵀ + b_ih + hₜ₋₁ W_hhᵀ + b_hh        one product for all four gates
 *   cₜ = σ(zᶠ) ⊙ cₜ₋₁ + σ(zⁱ) ⊙ tanh(zᵍ)
 *   hₜ = σ(zᵒ) ⊙ tanh(cₜ)
 *
 * x is the one-hot symbol for the first layer, and the dropped-out h of the layer below for the others; the logits of
 * the next symbol are h W_outᵀ + b_out of the last.
 *
 * B streams of text, T time, V symbols, D units, I inputs of a layer.
 */
import {
  buffer,
  Dropout,
  kaimingUniform,
  Linear,
  lstmLayer,
  type LstmState,
  Module,
  parameter,
  type RandomStream,
  type RandomTensors,
  scan,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { CharRnnConfig } from './config.ts';

type ModelConfig = CharRnnConfig['model'];

/** The parameters of one layer, with the names of PyTorch's `LSTMCell`; gates in the order i, f, g, o. */
export class LstmWeights extends Module {
  readonly weight_ih: tf.Variable; // [4 D, I]
  readonly weight_hh: tf.Variable; // [4 D, D]
  readonly bias_ih: tf.Variable; // [4 D]
  readonly bias_hh: tf.Variable; // [4 D]

  /** @param fanIn how many of the inputs are other than 0 at a time */
  constructor(inputs: number, units: number, fanIn: number, random: RandomStream) {
    super();
    const draw = (shape: number[]): tf.Tensor => kaimingUniform(shape, { fanIn: units, fanOut: units }, random);
    this.weight_ih = parameter(kaimingUniform([4 * units, inputs], { fanIn, fanOut: units }, random));
    this.weight_hh = parameter(draw([4 * units, units]));
    // Forget gates start half open or wider, so that gradients last (Jozefowicz et al., 2015).
    const open = [0, 1, 0, 0].flatMap((value) => new Array<number>(units).fill(value));
    this.bias_ih = parameter(tf.tidy(() => tf.add(draw([4 * units]), open)));
    this.bias_hh = parameter(draw([4 * units]));
  }
}

/** hₜ and cₜ of one layer: [B, D] each. */
export type LayerState = Pick<LstmState, 'hidden' | 'cell'>;

/** What one layer hands on: hₜ of all steps, [T, B, D], and the state after the last. */
interface LayerResult {
  readonly states: tf.Tensor;
  readonly last: LayerState;
}

/** The equations above, step after step: inputs [T, B, I], state [B, D] each. */
export function lstmByEquations(weights: LstmWeights, inputs: tf.Tensor, first: LayerState): LayerResult {
  const [time, batch, size] = inputs.shape as [number, number, number];
  const bias = tf.add(weights.bias_ih, weights.bias_hh);
  const ofInputs = tf.add(tf.matMul(tf.reshape(inputs, [time * batch, size]), weights.weight_ih, false, true), bias);
  const step = ({ hidden, cell }: LayerState, ofInput: tf.Tensor) => {
    const z = tf.add(ofInput, tf.matMul(hidden, weights.weight_hh, false, true)); // [B, 4 D]
    const [i, f, g, o] = tf.split(z, 4, 1);
    const next = tf.add(tf.mul(tf.sigmoid(f!), cell), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
    const output = tf.mul(tf.sigmoid(o!), tf.tanh(next));
    return { carry: { hidden: output, cell: next }, output };
  };
  const { carry, output } = scan(step, first, tf.reshape(ofInputs, [time, batch, bias.size]));
  return { states: output, last: carry };
}

/** The same by core's fused operation, which has the backward pass written out. */
function lstmFused(weights: LstmWeights, inputs: tf.Tensor, { hidden, cell }: LayerState): LayerResult {
  const { weight_ih: weightIh, weight_hh: weightHh, bias_ih: biasIh, bias_hh: biasHh } = weights;
  const result = lstmLayer({
    inputs,
    state: [hidden, cell],
    weights: { weightIh, weightHh, biasIh, biasHh },
    mask: undefined,
    reverse: false,
  });
  return { states: result.states, last: { hidden: result.state[0], cell: result.state[1] } };
}

/** What a text's symbols give: the logits of the next ones, [B, T, V], and the state after the last, by layer. */
export interface CharLstmOutput {
  readonly logits: tf.Tensor;
  readonly states: LayerState[];
}

export class CharLstm extends Module {
  readonly layers: readonly LstmWeights[];
  readonly dropout: Dropout;
  readonly classifier: Linear;
  /** Code points, or bytes, by symbol, int32 [V]: a checkpoint can be read without the text that it learned from. */
  readonly vocabulary: tf.Variable;
  readonly vocabularySize: number;
  readonly #units: number;
  readonly #runLayer: typeof lstmFused;

  /**
   * @param vocabulary code points, or bytes, by symbol
   * @param random draws the initial weights
   */
  constructor(
    { units, layers, dropout, recurrence }: ModelConfig,
    vocabulary: ArrayLike<number>,
    random: RandomStream,
  ) {
    super();
    const vocabularySize = vocabulary.length;
    this.vocabulary = buffer(tf.tensor1d(Int32Array.from(vocabulary), 'int32'));
    this.layers = Array.from({ length: layers }, (_, layer) => {
      const [inputs, fanIn] = layer === 0 ? [vocabularySize, 1] : [units, units];
      return new LstmWeights(inputs, units, fanIn, random.fork(`layer ${layer}`));
    });
    this.dropout = new Dropout(dropout);
    this.classifier = new Linear(units, vocabularySize, { random: random.fork('classifier') });
    this.vocabularySize = vocabularySize;
    this.#units = units;
    this.#runLayer = recurrence === 'fused' ? lstmFused : lstmByEquations;
  }

  /** The state before anything was read, by layer: zeros, [B, D] each. The caller disposes of them. */
  initialStates(batch: number): LayerState[] {
    const zeros = (): tf.Tensor => tf.zeros([batch, this.#units]);
    return this.layers.map(() => ({ hidden: zeros(), cell: zeros() }));
  }

  /**
   * Reads symbols [B, T], int32, on from `states`.
   * @param random a training step's noise, for dropout; without it nothing is dropped
   */
  forward(symbols: tf.Tensor, states: readonly LayerState[], random?: RandomTensors): CharLstmOutput {
    return tf.tidy(() => {
      let features: tf.Tensor = tf.oneHot(tf.transpose(symbols), this.vocabularySize, 1, 0, 'float32'); // [T, B, V]
      const last = this.layers.map((weights, layer) => {
        const result = this.#runLayer(weights, features, states[layer]!);
        features = random === undefined ? result.states : this.dropout.forward(result.states, random); // [T, B, D]
        return result.last;
      });
      return { logits: this.classifier.forward(tf.transpose(features, [1, 0, 2])), states: last }; // [B, T, V]
    });
  }
}
