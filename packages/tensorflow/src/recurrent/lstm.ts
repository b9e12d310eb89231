import {
  add,
  concat,
  matMul,
  mul,
  reshape,
  slice,
  split,
  square,
  sub,
  sum,
  tanh,
  type Tensor,
  tensor1d,
  transpose,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { before, recurrence } from './recurrence.ts';

/** What an LSTM layer computes from. B sequences of T steps, I inputs, D units; gates in PyTorch's order i, f, g, o. */
export interface LstmInputs {
  /** [T, B, I] */
  readonly inputs: Tensor;
  /** [B, D] */
  readonly hidden: Tensor;
  /** [B, D] */
  readonly cell: Tensor;
  /** [4 D, I] */
  readonly weightIh: Tensor;
  /** [4 D, D] */
  readonly weightHh: Tensor;
  /** [4 D] */
  readonly bias: Tensor;
  /** [T, B, 1], float32: 1 where a sequence has this step, 0 where its state stays as it is. */
  readonly mask: Tensor | null;
}

/** What the backward pass needs of the forward pass. */
export interface LstmTrace {
  /** [T, B, D]: hidden states after each step. */
  readonly states: Tensor;
  /** [T, B, D]: cells after each step. */
  readonly cells: Tensor;
  /** [T, B, 4 D]: gates after their activation. */
  readonly gates: Tensor;
}

export interface LstmResult extends LstmTrace {
  /** [B, D] */
  readonly hidden: Tensor;
  /** [B, D] */
  readonly cell: Tensor;
}

/**
 * c′ = f c + i g, h′ = o tanh c′ with [i f g o] = σ, σ, tanh, σ of (x W_ihᵀ + h W_hhᵀ + b) (Hochreiter & Schmidhuber, 1997, with the
 * forget gate of Gers et al., 2000), as one loop of the graph. All inputs are projected in one product before it.
 */
export function lstmForward(
  backend: TensorFlowBackend,
  { inputs, hidden, cell, weightIh, weightHh, bias, mask }: LstmInputs,
  reverse: boolean,
): LstmResult {
  const [time, batch] = inputs.shape as [number, number];
  const units = hidden.shape[1]!;
  // σ(z) = ½ tanh(z/2) + ½: all gates at once, with a factor by gate in the weights.
  const factor = byGate(units, 0.5, 1);
  const offset = byGate(units, 0.5, 0);
  const scaled = (weight: Tensor) => mul(weight, reshape(factor, [4 * units, 1]));
  const flat = matMul(reshape(inputs, [time * batch, -1]), scaled(weightIh), false, true);
  const projected = reshape(add(flat, mul(bias, factor)), [time, batch, 4 * units]);
  const recurrent = transpose(scaled(weightHh)); // [D, 4 D]
  const element = (size: number) => ({ shape: [batch, size], dtype: 'float32' as const });
  const { state, written } = recurrence(
    backend,
    mask === null ? [projected] : [projected, mask],
    [hidden, cell],
    [element(units), element(units), element(4 * units)],
    reverse,
    ([h, c], [projection, present]) => {
      const gates = add(mul(tanh(add(matMul(h!, recurrent), projection!)), factor), offset);
      const [i, f, g, o] = split(gates, 4, 1);
      const newCell = add(mul(f!, c!), mul(i!, g!));
      const newHidden = mul(o!, tanh(newCell));
      const kept = (next: Tensor, last: Tensor) =>
        present === undefined ? next : add(last, mul(present, sub(next, last)));
      const next = [kept(newHidden, h!), kept(newCell, c!)];
      return { state: next, written: [...next, gates] };
    },
  );
  const [states, cells, gates] = written as [Tensor, Tensor, Tensor];
  return { states, cells, gates, hidden: state[0]!, cell: state[1]! };
}

/** Gradients of the results. */
export interface LstmResultGradients {
  readonly states: Tensor;
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/** The gradients of an LSTM layer's inputs; the loop carries those of the state, and all weights are done after it. */
export function lstmBackward(
  backend: TensorFlowBackend,
  { inputs, hidden, cell, weightIh, weightHh, mask }: Omit<LstmInputs, 'bias'>,
  { states, cells, gates }: LstmTrace,
  gradients: LstmResultGradients,
  reverse: boolean,
): Required<Omit<LstmInputs, 'mask'>> {
  const [time, batch, size] = inputs.shape as [number, number, number];
  const units = hidden.shape[1]!;
  const [one, isGate] = [byGate(units, 0, 1), byGate(units, 1, 0)];
  const cellsBefore = before(cell, cells, reverse);
  const { state, written } = recurrence(
    backend,
    [gradients.states, gates, cells, cellsBefore, ...(mask === null ? [] : [mask])],
    [gradients.hidden, gradients.cell],
    [{ shape: [batch, 4 * units], dtype: 'float32' }],
    !reverse,
    ([carriedHidden, dCell], [dState, gate, after, previous, present]) => {
      const dHidden = add(carriedHidden!, dState!);
      const [i, f, g, o] = split(gate!, 4, 1);
      const tanhCell = tanh(after!);
      const dNew = add(dCell!, mul(mul(dHidden, o!), sub(1, square(tanhCell))));
      const dGates = concat([mul(dNew, g!), mul(dNew, previous!), mul(dNew, i!), mul(dHidden, tanhCell)], 1);
      // σ′ = σ − σ², tanh′ = 1 − tanh²
      const slope = sub(add(one, mul(isGate, gate!)), square(gate!));
      const dSums = mul(dGates, slope);
      if (present === undefined) return { state: [matMul(dSums, weightHh), mul(dNew, f!)], written: [dSums] };
      const masked = mul(dSums, present);
      const absent = sub(1, present);
      const dCellBefore = add(mul(mul(dNew, f!), present), mul(dCell!, absent));
      return { state: [add(matMul(masked, weightHh), mul(dHidden, absent)), dCellBefore], written: [masked] };
    },
  );
  const dSums = reshape(written[0]!, [time * batch, 4 * units]);
  const columns = concat(
    [reshape(inputs, [time * batch, size]), reshape(before(hidden, states, reverse), [time * batch, units])],
    1,
  );
  const dWeights = matMul(dSums, columns, true);
  return {
    inputs: reshape(matMul(dSums, weightIh), [time, batch, size]),
    hidden: state[0]!,
    cell: state[1]!,
    weightIh: slice(dWeights, [0, 0], [4 * units, size]),
    weightHh: slice(dWeights, [0, size], [4 * units, units]),
    bias: sum(dSums, 0),
  };
}

/** [4 D]: a number for the gates through σ, another for the one through tanh. */
function byGate(units: number, sigmoid: number, tangent: number): Tensor {
  return tensor1d([sigmoid, sigmoid, tangent, sigmoid].flatMap((value) => new Array<number>(units).fill(value)));
}
