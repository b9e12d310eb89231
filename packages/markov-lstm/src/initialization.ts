import type { RandomStream } from '@motley/core';

/**
 * - `pytorch`: U(-1/√D, 1/√D), as `nn.LSTM`
 * - `chrono`: the same, with forget gates whose time scales range from 1 to the longest (Tallec & Ollivier, "Can
 *   recurrent neural networks warp time?", 2018, equation 16)
 * - `cyclic`: a ring of units, each of which hands its value to the next. Inputs enter at a few evenly spaced units and
 *   travel around the ring (Rodan & Tiňo, "Minimum complexity echo state network", 2011). With open input and output
 *   gates and closed forget gates the layer remembers the last D steps divided by the number of entries.
 */
export type LstmInitialization = 'pytorch' | 'chrono' | 'cyclic';

export interface InitializationOptions {
  readonly kind: LstmInitialization;
  /** I */
  readonly inputs: number;
  /** D */
  readonly units: number;
  /** Longest time to remember, in steps; `chrono` alone reads it. */
  readonly longest: number;
}

/** Bias of an open gate: σ(6) = 0.9975. */
const OPEN = 6;
/** Slight growth at each step around the ring, against the loss in tanh. */
const LOOP_GAIN = 1.03;
/** Weight of an input, small enough for tanh to be nearly linear. */
const INPUT_SCALE = 0.5;

/**
 * Values that replace PyTorch's in an LSTM layer, by the names of its parameters (`nn.LSTM`); gates in the order
 * i, f, g, o.
 * @param random continues the stream that PyTorch's values were drawn from
 */
export function initialValues(
  { kind, inputs, units, longest }: InitializationOptions,
  random: RandomStream,
): Readonly<Record<string, Float32Array>> {
  if (kind === 'pytorch') return {};
  const zeros = new Float32Array(units);
  if (kind === 'chrono') {
    const scales = random.uniformValues(units, 1, Math.max(2, longest - 1)).map(Math.log);
    return {
      bias_ih_l0: gates(
        scales.map((scale) => -scale),
        scales,
        zeros,
        zeros,
      ),
      bias_hh_l0: new Float32Array(4 * units),
    };
  }
  const [open, closed] = [zeros.map(() => OPEN), zeros.map(() => -OPEN)];
  const noInput = new Float32Array(units * inputs);
  const noState = new Float32Array(units * units);
  return {
    weight_ih_l0: gates(noInput, noInput, ringEntries(inputs, units), noInput), // [4 D, I]
    weight_hh_l0: gates(noState, noState, ring(units), noState), // [4 D, D]
    bias_ih_l0: gates(open, closed, zeros, open), // [4 D]
    bias_hh_l0: new Float32Array(4 * units), // [4 D]
  };
}

/**
 * [D, D]: each unit reads the one before it, the first reads the last. The weight makes up for two open gates and adds
 * the loop gain, so that values do not fade: they settle where tanh(tanh(g x)) = x, at ±0.21.
 */
function ring(units: number): Float32Array {
  const gain = LOOP_GAIN * (1 + Math.exp(-OPEN)) ** 2; // LOOP_GAIN / σ(OPEN)²
  const matrix = new Float32Array(units * units);
  for (let unit = 0; unit < units; unit++) matrix[unit * units + ((unit + units - 1) % units)] = gain;
  return matrix;
}

/** [D, I]: one-hot inputs sum to 1, so all but one have an entry of their own, evenly spaced around the ring. */
function ringEntries(inputs: number, units: number): Float32Array {
  const matrix = new Float32Array(units * inputs);
  const count = Math.max(1, inputs - 1);
  for (let entry = 0; entry < count; entry++) {
    const row = Math.floor((entry * units) / count) * inputs;
    matrix[row + entry] = INPUT_SCALE;
    if (inputs > 1) matrix[row + inputs - 1] = -INPUT_SCALE;
  }
  return matrix;
}

/** The four gates' values one after the other. */
function gates(...values: readonly Float32Array[]): Float32Array {
  return Float32Array.from(values.flatMap((each) => Array.from(each)));
}
