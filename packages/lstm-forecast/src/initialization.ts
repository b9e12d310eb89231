import { kaimingUniform, type RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * - `pytorch`: U(-1/√D, 1/√D), as `nn.LSTM`
 * - `chrono`: the same, with forget gates that begin with time scales from 1 to the longest (Tallec & Ollivier, "Can
 *   recurrent neural networks warp time?", 2018, equation 16)
 * - `cyclic`: open gates that keep nothing, and a loop of one cycle, each unit to the next, which the inputs enter at a few
 *   places: what came in goes round for D steps divided by the number of entries (Rodan & Tiňo, "Minimum complexity echo
 *   state network", 2011). It is a memory of everything; what of it matters is left to learn.
 */
export type LstmInitialization = 'pytorch' | 'chrono' | 'cyclic';

export interface LstmValues {
  readonly weightIh: tf.Tensor; // [4 D, I]
  readonly weightHh: tf.Tensor; // [4 D, D]
  readonly biasIh: tf.Tensor; // [4 D]
  readonly biasHh: tf.Tensor; // [4 D]
}

export interface InitializationOptions {
  readonly kind: LstmInitialization;
  /** The longest time to remember, in steps: of `chrono`. */
  readonly longest: number;
}

/** Where an open gate stands: σ(6) = 0.9975. */
const OPEN = 6;
/** What goes round is worth a little more after each step, or tanh wears it away. */
const LOOP_GAIN = 1.03;
/** What an input sends in: small enough for tanh to change it little. */
const INPUT_SCALE = 0.5;

/** Initial values of an LSTM layer, drawn on the host; the gates in PyTorch's order i, f, g, o. */
export function initialLstm(
  inputs: number,
  units: number,
  { kind, longest }: InitializationOptions,
  random: RandomStream,
): LstmValues {
  const draw = (shape: number[]): tf.Tensor => kaimingUniform(shape, { fanIn: units, fanOut: units }, random);
  const values = {
    weightIh: draw([4 * units, inputs]),
    weightHh: draw([4 * units, units]),
    biasIh: draw([4 * units]),
    biasHh: draw([4 * units]),
  };
  if (kind === 'pytorch') return values;
  if (kind === 'chrono') {
    tf.dispose([values.biasIh, values.biasHh]);
    const scales = random.uniformValues(units, 1, Math.max(2, longest - 1)).map(Math.log);
    const rows = [scales.map((scale) => -scale), scales, new Float32Array(units), new Float32Array(units)];
    return { ...values, biasIh: tf.tensor1d(joined(rows)), biasHh: tf.zeros([4 * units]) };
  }
  tf.dispose(Object.values(values));
  const none = new Float32Array(units * units);
  const gates = [OPEN, -OPEN, 0, OPEN].map((bias) => new Float32Array(units).fill(bias));
  const noInputs = new Float32Array(units * inputs);
  return {
    weightIh: tf.tensor2d(joined([noInputs, noInputs, entries(inputs, units), noInputs]), [4 * units, inputs]),
    weightHh: tf.tensor2d(joined([none, none, cycle(units), none]), [4 * units, units]),
    biasIh: tf.tensor1d(joined(gates)),
    biasHh: tf.zeros([4 * units]),
  };
}

/**
 * [units, units]: each unit reads the one before it, the first the last, with what two open gates take away, and a little
 * more: what goes round does not fade, but settles where tanh(tanh(g x)) = x, at ±0.21.
 */
function cycle(units: number): Float32Array {
  const gain = LOOP_GAIN * (1 + Math.exp(-OPEN)) ** 2; // 1 / σ(OPEN)²
  const matrix = new Float32Array(units * units);
  for (let unit = 0; unit < units; unit++) matrix[unit * units + ((unit + units - 1) % units)] = gain;
  return matrix;
}

/** [units, inputs]: one-hot inputs sum to 1, so all but one have an entry of their own, evenly spaced around the cycle. */
function entries(inputs: number, units: number): Float32Array {
  const matrix = new Float32Array(units * inputs);
  const count = Math.max(1, inputs - 1);
  for (let entry = 0; entry < count; entry++) {
    const row = Math.floor((entry * units) / count) * inputs;
    matrix[row + entry] = INPUT_SCALE;
    if (inputs > 1) matrix[row + inputs - 1] = -INPUT_SCALE;
  }
  return matrix;
}

function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}
