import * as tf from '@tensorflow/tfjs-core';
import { kaimingUniform } from '../initializers.ts';
import { Module } from '../module.ts';
import { parameter } from '../parameter.ts';
import type { RecurrentOptions } from './stack.ts';

/** LSTM state: hidden and cell, [B, D] each. */
export interface LstmState {
  readonly hidden: tf.Tensor;
  readonly cell: tf.Tensor;
}

/** One explicit LSTM step (Hochreiter & Schmidhuber, 1997; Gers et al., 2000). Matches PyTorch's `LSTMCell`. */
export class LstmCell extends Module {
  readonly weight_ih: tf.Variable; // [4 D, I], gates i, f, g, o
  readonly weight_hh: tf.Variable; // [4 D, D]
  readonly bias_ih: tf.Variable; // [4 D]
  readonly bias_hh: tf.Variable; // [4 D]

  constructor(inputs: number, units: number, { random }: RecurrentOptions) {
    super();
    const draw = (shape: number[]): tf.Variable =>
      parameter(kaimingUniform(shape, { fanIn: units, fanOut: units }, random));
    this.weight_ih = draw([4 * units, inputs]);
    this.weight_hh = draw([4 * units, units]);
    this.bias_ih = draw([4 * units]);
    this.bias_hh = draw([4 * units]);
  }

  /** Input [B, I] and previous state → next state, [B, D] each. */
  forward(input: tf.Tensor, { hidden, cell }: LstmState): LstmState {
    return tf.tidy(() => {
      const ofInput = tf.add(tf.matMul(input, this.weight_ih, false, true), this.bias_ih);
      const ofState = tf.add(tf.matMul(hidden, this.weight_hh, false, true), this.bias_hh);
      const [i, f, g, o] = tf.split(tf.add(ofInput, ofState), 4, 1);
      const next = tf.add(tf.mul(tf.sigmoid(f!), cell), tf.mul(tf.sigmoid(i!), tf.tanh(g!))); // c′ = σ(f) c + σ(i) tanh(g)
      return { hidden: tf.mul(tf.sigmoid(o!), tf.tanh(next)), cell: next }; // h′ = σ(o) tanh(c′)
    });
  }
}

/** One explicit GRU step (Cho et al., 2014). Matches PyTorch's `GRUCell`. */
export class GruCell extends Module {
  readonly weight_ih: tf.Variable; // [3 D, I], gates r, z, n
  readonly weight_hh: tf.Variable; // [3 D, D]
  readonly bias_ih: tf.Variable; // [3 D]
  readonly bias_hh: tf.Variable; // [3 D]

  constructor(inputs: number, units: number, { random }: RecurrentOptions) {
    super();
    const draw = (shape: number[]): tf.Variable =>
      parameter(kaimingUniform(shape, { fanIn: units, fanOut: units }, random));
    this.weight_ih = draw([3 * units, inputs]);
    this.weight_hh = draw([3 * units, units]);
    this.bias_ih = draw([3 * units]);
    this.bias_hh = draw([3 * units]);
  }

  /** Input [B, I] and previous state [B, D] → next state [B, D]. */
  forward(input: tf.Tensor, hidden: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const ofInput = tf.add(tf.matMul(input, this.weight_ih, false, true), this.bias_ih);
      const ofState = tf.add(tf.matMul(hidden, this.weight_hh, false, true), this.bias_hh);
      const [inputR, inputZ, inputN] = tf.split(ofInput, 3, 1);
      const [stateR, stateZ, stateN] = tf.split(ofState, 3, 1);
      const r = tf.sigmoid(tf.add(inputR!, stateR!));
      const z = tf.sigmoid(tf.add(inputZ!, stateZ!));
      const n = tf.tanh(tf.add(inputN!, tf.mul(r, stateN!))); // n = tanh(x W_inᵀ + b_in + r (h W_hnᵀ + b_hn))
      return tf.add(tf.mul(tf.sub(1, z), n), tf.mul(z, hidden)); // h′ = (1 − z) n + z h
    });
  }
}
