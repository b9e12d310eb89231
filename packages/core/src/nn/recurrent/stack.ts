import * as tf from '@tensorflow/tfjs-core';
import { tidied } from '../../control-flow/tree.ts';
import type { RandomStream, RandomTensors } from '../../random/random-stream.ts';
import { Dropout } from '../dropout.ts';
import { kaimingUniform } from '../initializers.ts';
import { Module } from '../module.ts';
import { parameter } from '../parameter.ts';
import {
  gruLayer,
  lstmLayer,
  type RecurrentCall,
  type RecurrentResult,
  type RecurrentWeights,
  withinSequences,
} from './layers.ts';

export interface RecurrentOptions {
  /** Draws the initial values from U(-1/√D, 1/√D), as PyTorch does. */
  readonly random: RandomStream;
}

export interface RecurrentStackOptions extends RecurrentOptions {
  /** Number of stacked layers. Default 1. */
  readonly numLayers?: number;
  /** Whether each layer also runs backward in time and concatenates both outputs. Default false. */
  readonly bidirectional?: boolean;
  /** Dropout rate on the outputs of all layers but the last, as in PyTorch. Default 0. */
  readonly dropout?: number;
}

/** Sequence lengths, and the noise of dropout. */
interface StackCall {
  /**
   * Length of each sequence, int32 [B]. Beyond it the state does not change and outputs are 0. Default: all T steps.
   */
  readonly lengths?: tf.Tensor | undefined;
  /** Noise of the training step. Required in training mode with dropout between layers. */
  readonly random?: RandomTensors | undefined;
}

type Layer = (call: RecurrentCall<readonly tf.Tensor[]>) => RecurrentResult<readonly tf.Tensor[]>;

/** Stacked recurrent layers in one or two directions, with PyTorch's parameter names (`weight_ih_l0_reverse`). */
abstract class RecurrentStack extends Module {
  readonly dropout: Dropout;
  readonly #layers: readonly (readonly RecurrentWeights[])[];
  readonly #units: number;

  constructor(
    gates: number,
    inputs: number,
    units: number,
    { random, numLayers = 1, bidirectional = false, dropout = 0 }: RecurrentStackOptions,
  ) {
    super();
    this.#units = units;
    this.dropout = new Dropout(dropout);
    const directions = bidirectional ? ['', '_reverse'] : [''];
    const draw = (name: string, shape: number[]): tf.Variable => {
      const variable = parameter(kaimingUniform(shape, { fanIn: units, fanOut: units }, random));
      Object.assign(this, { [name]: variable });
      return variable;
    };
    this.#layers = Array.from({ length: numLayers }, (_, layer) =>
      directions.map((direction) => {
        const suffix = `l${layer}${direction}`;
        return {
          weightIh: draw(`weight_ih_${suffix}`, [gates * units, layer === 0 ? inputs : units * directions.length]),
          weightHh: draw(`weight_hh_${suffix}`, [gates * units, units]),
          biasIh: draw(`bias_ih_${suffix}`, [gates * units]),
          biasHh: draw(`bias_hh_${suffix}`, [gates * units]),
        };
      }),
    );
  }

  /**
   * @param initial tensors of the initial state, [L, B, D] each, where L is layers times directions; zeros where
   *   undefined
   * @returns outputs [B, T, D directions], and the final state, [L, B, D] each
   */
  protected run(
    layerOf: Layer,
    parts: number,
    input: tf.Tensor,
    { lengths, random }: StackCall,
    initial: readonly tf.Tensor[] | undefined,
  ): { readonly output: tf.Tensor; readonly state: readonly tf.Tensor[] } {
    const [batch, time] = input.shape as [number, number, number];
    const mask = lengths === undefined ? undefined : maskOf(lengths, batch, time);
    const directions = this.#layers[0]!.length;
    const stateOf = (index: number): tf.Tensor[] =>
      Array.from({ length: parts }, (_, part) =>
        initial === undefined ? tf.zeros([batch, this.#units]) : tf.gather(initial[part]!, index),
      );
    const last: (readonly tf.Tensor[])[] = [];
    let inputs: tf.Tensor = tf.transpose(input, [1, 0, 2]); // [T, B, I]
    for (const [layer, weights] of this.#layers.entries()) {
      const outputs = weights.map((each, direction) => {
        const state = stateOf(layer * directions + direction);
        const result = layerOf({ inputs, state, weights: each, mask, reverse: direction === 1 });
        last.push(result.state);
        return withinSequences(result.states, mask);
      });
      inputs = outputs.length === 1 ? outputs[0]! : tf.concat(outputs, 2); // [T, B, D directions]
      if (layer < this.#layers.length - 1) inputs = this.#dropped(inputs, random);
    }
    const state = Array.from({ length: parts }, (_, part) => tf.stack(last.map((each) => each[part]!)));
    return { output: tf.transpose(inputs, [1, 0, 2]), state };
  }

  #dropped(outputs: tf.Tensor, random: RandomTensors | undefined): tf.Tensor {
    if (!this.training || this.dropout.rate === 0) return outputs;
    if (random === undefined)
      throw new Error(`dropout ${this.dropout.rate} between layers: expected the step's random, got none`);
    return this.dropout.forward(outputs, random);
  }
}

/** Mask, float32 [T, B, 1]: 1 within a sequence's length, 0 beyond. */
function maskOf(lengths: tf.Tensor, batch: number, time: number): tf.Tensor {
  if (lengths.dtype !== 'int32' || lengths.rank !== 1 || lengths.shape[0] !== batch)
    throw new Error(`lengths: expected int32 [${batch}], got ${lengths.dtype} [${lengths.shape.join(', ')}]`);
  const step = tf.reshape(tf.range(0, time, 1, 'int32'), [time, 1, 1]);
  return tf.cast(tf.less(step, tf.reshape(lengths, [1, batch, 1])), 'float32');
}

/** Optional arguments of an LSTM. */
export interface LstmCall extends StackCall {
  /** Initial state, [L, B, D] each, where L is layers times directions. Default: zeros. */
  readonly state?: { readonly hidden: tf.Tensor; readonly cell: tf.Tensor } | undefined;
}

/**
 * Long short-term memory. Matches PyTorch's `LSTM`. Native TensorFlow runs each layer and direction as one operation.
 */
export class Lstm extends RecurrentStack {
  constructor(inputs: number, units: number, options: RecurrentStackOptions) {
    super(4, inputs, units, options);
  }

  /**
   * Input [B, T, I] → outputs [B, T, D directions], and the state after the last step of each sequence, [L, B, D] each.
   * @throws Error where the lengths are not int32 [B], or dropout lacks its noise
   */
  forward(
    input: tf.Tensor,
    { state, ...call }: LstmCall = {},
  ): { readonly output: tf.Tensor; readonly hidden: tf.Tensor; readonly cell: tf.Tensor } {
    return tidied(() => {
      const initial = state && [state.hidden, state.cell];
      const { output, state: last } = this.run(lstmLayer as unknown as Layer, 2, input, call, initial);
      return { output, hidden: last[0]!, cell: last[1]! };
    });
  }
}

/** Optional arguments of a GRU. */
export interface GruCall extends StackCall {
  /** Initial state, [L, B, D], where L is layers times directions. Default: zeros. */
  readonly hidden?: tf.Tensor | undefined;
}

/** Gated recurrent units. Matches PyTorch's `GRU`. Native TensorFlow runs each layer and direction as one operation. */
export class Gru extends RecurrentStack {
  constructor(inputs: number, units: number, options: RecurrentStackOptions) {
    super(3, inputs, units, options);
  }

  /**
   * Input [B, T, I] → outputs [B, T, D directions], and the state after the last step of each sequence, [L, B, D].
   * @throws Error where the lengths are not int32 [B], or dropout lacks its noise
   */
  forward(
    input: tf.Tensor,
    { hidden, ...call }: GruCall = {},
  ): { readonly output: tf.Tensor; readonly hidden: tf.Tensor } {
    return tidied(() => {
      const { output, state } = this.run(gruLayer as unknown as Layer, 1, input, call, hidden && [hidden]);
      return { output, hidden: state[0]! };
    });
  }
}
