import * as tf from '@tensorflow/tfjs-core';
import { scan } from '../../control-flow/scan.ts';
import { tidied } from '../../control-flow/tree.ts';
import { hasKernel } from '../../tensors/has-kernel.ts';

/**
 * Parameters of one direction of one layer. G is the number of gates: 4 in an LSTM, 3 in a GRU. D is the number of
 * units.
 */
export interface RecurrentWeights {
  readonly weightIh: tf.Tensor; // [G D, I]
  readonly weightHh: tf.Tensor; // [G D, D]
  readonly biasIh: tf.Tensor; // [G D]
  readonly biasHh: tf.Tensor; // [G D]
}

/** Arguments of one direction of one layer over whole sequences. */
export interface RecurrentCall<State> {
  /** [T, B, I] */
  readonly inputs: tf.Tensor;
  /** Initial state. */
  readonly state: State;
  readonly weights: RecurrentWeights;
  /**
   * Float32 [T, B, 1]: 1 at steps within a sequence, 0 at padding, where the state does not change, whatever the inputs.
   */
  readonly mask: tf.Tensor | undefined;
  /** Whether time runs from the last step to the first. */
  readonly reverse: boolean;
}

/** States of all steps, [T, B, D], and the final state. */
export interface RecurrentResult<State> {
  readonly states: tf.Tensor;
  readonly state: State;
}

/** Hidden state and cell, [B, D] each. */
export type LstmTensors = readonly [hidden: tf.Tensor, cell: tf.Tensor];

/**
 * LSTM layer. Native TensorFlow runs it as one operation. Other backends project all inputs at once, then loop over
 * time.
 */
export function lstmLayer(call: RecurrentCall<LstmTensors>): RecurrentResult<LstmTensors> {
  const { state, weights, mask, reverse } = call;
  return tidied(() => {
    const inputs = withinSequences(call.inputs, mask);
    const bias = tf.add(weights.biasIh, weights.biasHh);
    if (hasSteps(inputs) && hasKernel('LstmLayer')) {
      const given = [inputs, ...state, weights.weightIh, weights.weightHh, bias];
      const [states, hidden, cell] = runLayer('LstmLayer', given, mask, reverse);
      return { states: states!, state: [hidden!, cell!] };
    }
    return overTime(call, project(inputs, weights.weightIh, bias), ([hidden, cell], projection) => {
      const gates = tf.add(projection, tf.matMul(hidden, weights.weightHh, false, true));
      const [i, f, g, o] = tf.split(gates, 4, 1);
      const next = tf.add(tf.mul(tf.sigmoid(f!), cell), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
      return [tf.mul(tf.sigmoid(o!), tf.tanh(next)), next];
    });
  });
}

/** Hidden state, [B, D]. */
export type GruTensors = readonly [hidden: tf.Tensor];

/**
 * GRU layer. Native TensorFlow runs it as one operation. Other backends project all inputs at once, then loop over
 * time.
 */
export function gruLayer(call: RecurrentCall<GruTensors>): RecurrentResult<GruTensors> {
  const { state, weights, mask, reverse } = call;
  return tidied(() => {
    const inputs = withinSequences(call.inputs, mask);
    if (hasSteps(inputs) && hasKernel('GruLayer')) {
      const given = [inputs, ...state, weights.weightIh, weights.weightHh, weights.biasIh, weights.biasHh];
      const [states, hidden] = runLayer('GruLayer', given, mask, reverse);
      return { states: states!, state: [hidden!] };
    }
    return overTime(call, project(inputs, weights.weightIh, weights.biasIh), ([hidden], projection) => {
      const ofState = tf.add(tf.matMul(hidden, weights.weightHh, false, true), weights.biasHh);
      const [inputR, inputZ, inputN] = tf.split(projection, 3, 1);
      const [stateR, stateZ, stateN] = tf.split(ofState, 3, 1);
      const r = tf.sigmoid(tf.add(inputR!, stateR!));
      const z = tf.sigmoid(tf.add(inputZ!, stateZ!));
      const n = tf.tanh(tf.add(inputN!, tf.mul(r, stateN!)));
      return [tf.add(n, tf.mul(z, tf.sub(hidden, n)))];
    });
  });
}

/**
 * Tensor [T, B, …] with 0 at padding. The layers multiply by the mask, which only removes what is finite; padding may be
 * NaN.
 */
export function withinSequences(tensor: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  return mask === undefined ? tensor : tf.where(tf.cast(mask, 'bool'), tensor, tf.zerosLike(tensor));
}

/** Whether there is a step. The fused kernels need one. */
function hasSteps(inputs: tf.Tensor): boolean {
  return inputs.shape[0] > 0;
}

function runLayer(name: string, given: readonly tf.Tensor[], mask: tf.Tensor | undefined, reverse: boolean) {
  const inputs = mask === undefined ? given : [...given, mask];
  return tf.engine().runKernel<tf.Tensor[]>(name, inputs as unknown as tf.NamedTensorMap, { reverse });
}

/** x Wᵀ + b for all steps at once: [T, B, I] → [T, B, G D]. */
function project(inputs: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [time, batch, size] = inputs.shape as [number, number, number];
  const flat = tf.matMul(tf.reshape(inputs, [time * batch, size]), weight, false, true);
  return tf.reshape(tf.add(flat, bias), [time, batch, bias.size]);
}

function overTime<State extends readonly tf.Tensor[]>(
  { state, mask, reverse }: RecurrentCall<State>,
  projected: tf.Tensor,
  step: (state: State, projection: tf.Tensor) => State,
): RecurrentResult<State> {
  const { carry, output } = scan(
    (last: State, [projection, present]: readonly tf.Tensor[]) => {
      const next = step(last, projection!);
      const kept = next.map((each, index) =>
        present === undefined ? each : tf.add(last[index]!, tf.mul(present, tf.sub(each, last[index]!))),
      ) as readonly tf.Tensor[] as State;
      return { carry: kept, output: kept[0]! };
    },
    state,
    mask === undefined ? [projected] : [projected, mask],
    { reverse },
  );
  return { states: output, state: carry };
}
