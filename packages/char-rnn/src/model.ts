/**
 * A two-layer LSTM that predicts the next symbol of a text, from its equations (Hochreiter & Schmidhuber, 1997, with the
 * forget gate of Gers et al., 2000; for characters: Karpathy, "The unreasonable effectiveness of recurrent neural
 * networks", 2015). For layer l and step t, σ the logistic function and ⊙ the element-wise product:
 *
 *   [zⁱ zᶠ zᵍ zᵒ] = xₜ W_ihᵀ + b_ih + hₜ₋₁ W_hhᵀ + b_hh        one product for all four gates
 *   cₜ = σ(zᶠ) ⊙ cₜ₋₁ + σ(zⁱ) ⊙ tanh(zᵍ)
 *   hₜ = σ(zᵒ) ⊙ tanh(cₜ)
 *
 * In the first layer x is the one-hot symbol, in the others the h of the layer below after dropout. The logits of the next
 * symbol are h W_outᵀ + b_out of the last layer.
 *
 * B streams of text, T time steps, V symbols, D units, I inputs of a layer.
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

/** Parameters of one layer, named as in PyTorch's `LSTMCell`; gates in the order i, f, g, o. */
export class LstmWeights extends Module {
  readonly weight_ih: tf.Variable; // [4 D, I]
  readonly weight_hh: tf.Variable; // [4 D, D]
  readonly bias_ih: tf.Variable; // [4 D]
  readonly bias_hh: tf.Variable; // [4 D]

  /** @param fanIn number of inputs that are nonzero at a time */
  constructor(inputs: number, units: number, fanIn: number, random: RandomStream) {
    super();
    const draw = (shape: number[]): tf.Tensor => kaimingUniform(shape, { fanIn: units, fanOut: units }, random);
    this.weight_ih = parameter(kaimingUniform([4 * units, inputs], { fanIn, fanOut: units }, random));
    this.weight_hh = parameter(draw([4 * units, units]));
    // A forget gate bias of 1 preserves gradients (Jozefowicz et al., 2015).
    const forgetBias = [0, 1, 0, 0].flatMap((value) => new Array<number>(units).fill(value));
    this.bias_ih = parameter(tf.tidy(() => tf.add(draw([4 * units]), forgetBias)));
    this.bias_hh = parameter(draw([4 * units]));
  }
}

/** hₜ and cₜ of one layer: [B, D] each. */
export type LayerState = Pick<LstmState, 'hidden' | 'cell'>;

/** Output of one layer: hₜ of all steps, [T, B, D], and the state after the last step. */
interface LayerResult {
  readonly states: tf.Tensor;
  readonly last: LayerState;
}

/** Runs the equations above step by step: inputs [T, B, I], states [B, D]. */
export function lstmByEquations(weights: LstmWeights, inputs: tf.Tensor, first: LayerState): LayerResult {
  const [time, batch, size] = inputs.shape as [number, number, number];
  const bias = tf.add(weights.bias_ih, weights.bias_hh);
  const inputProducts = tf.add(
    tf.matMul(tf.reshape(inputs, [time * batch, size]), weights.weight_ih, false, true),
    bias,
  );
  const step = ({ hidden, cell }: LayerState, inputProduct: tf.Tensor) => {
    const z = tf.add(inputProduct, tf.matMul(hidden, weights.weight_hh, false, true)); // [B, 4 D]
    const [i, f, g, o] = tf.split(z, 4, 1);
    const next = tf.add(tf.mul(tf.sigmoid(f!), cell), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
    const output = tf.mul(tf.sigmoid(o!), tf.tanh(next));
    return { carry: { hidden: output, cell: next }, output };
  };
  const { carry, output } = scan(step, first, tf.reshape(inputProducts, [time, batch, bias.size]));
  return { states: output, last: carry };
}

/** The same with core's fused operation, which has its own backward pass. */
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

/** Logits of the next symbols, [B, T, V], and the state of each layer after the last symbol. */
export interface CharLstmOutput {
  readonly logits: tf.Tensor;
  readonly states: LayerState[];
}

/** Character-level LSTM language model. */
export class CharLstm extends Module {
  readonly layers: readonly LstmWeights[];
  readonly dropout: Dropout;
  readonly classifier: Linear;
  /** Code point or byte of each symbol, int32 [V]; saved with the weights, so a checkpoint needs no text. */
  readonly vocabulary: tf.Variable;
  readonly vocabularySize: number;
  readonly #units: number;
  readonly #runLayer: typeof lstmFused;

  /**
   * @param vocabulary code point or byte of each symbol
   * @param random random stream of the initial weights
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

  /** Zero state of each layer, [B, D]. The caller disposes of it. */
  initialStates(batch: number): LayerState[] {
    const zeros = (): tf.Tensor => tf.zeros([batch, this.#units]);
    return this.layers.map(() => ({ hidden: zeros(), cell: zeros() }));
  }

  /**
   * Reads symbols, int32 [B, T], from the given states.
   * @param random random numbers for dropout; without them dropout is off
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
