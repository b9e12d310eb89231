import {
  add,
  concat,
  matMul,
  mul,
  reshape,
  split,
  square,
  sub,
  tanh,
  type Tensor,
  tensor1d,
  transpose,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { before, recurrence, weightGradients } from './recurrence.ts';

/** Inputs of an LSTM layer: B sequences of T steps, I inputs, D units. Gates are in PyTorch's order i, f, g, o. */
interface LstmInputs {
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
  /** [T, B, 1], float32: 1 where a sequence has this step, 0 where its state is kept. */
  readonly mask: Tensor | null;
}

/** Values of the forward pass that the backward pass needs. */
interface LstmTrace {
  /** [T, B, D]: hidden states after each step. */
  readonly states: Tensor;
  /** [T, B, D]: cells after each step. */
  readonly cells: Tensor;
  /** [T, B, 4 D]: tanh of the gates' sums z, or tanh(z/2) where the gate is a sigmoid: σ(z) = ½ tanh(z/2) + ½. */
  readonly tangents: Tensor;
}

interface LstmResult extends LstmTrace {
  /** [B, D] */
  readonly hidden: Tensor;
  /** [B, D] */
  readonly cell: Tensor;
}

/**
 * c′ = f c + i g, h′ = o tanh c′ with [i f g o] = σ, σ, tanh, σ of (x W_ihᵀ + h W_hhᵀ + b) (Hochreiter & Schmidhuber,
 * 1997, with the forget gate of Gers et al., 2000). It runs as one loop in the graph. All inputs are projected in one
 * product before the loop.
 */
export function lstmForward(
  backend: TensorFlowBackend,
  { inputs, hidden, cell, weightIh, weightHh, bias, mask }: LstmInputs,
  reverse: boolean,
): LstmResult {
  const [time, batch, size] = inputs.shape as [number, number, number];
  const units = hidden.shape[1]!;
  // One tanh for all gates, with a factor per gate in the weights.
  const factor = tensor1d([0.5, 0.5, 1, 0.5].flatMap((value) => new Array<number>(units).fill(value))); // [4 D]
  const scaled = (weight: Tensor) => mul(weight, reshape(factor, [4 * units, 1]));
  const flat = matMul(reshape(inputs, [time * batch, size]), scaled(weightIh), false, true);
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
      const tangents = tanh(add(matMul(h!, recurrent), projection!));
      const [i, f, g, o] = gatesOf(tangents, 1);
      const newCell = add(mul(f, c!), mul(i, g));
      const newHidden = mul(o, tanh(newCell));
      const kept = (next: Tensor, last: Tensor) =>
        present === undefined ? next : add(last, mul(present, sub(next, last)));
      const next = [kept(newHidden, h!), kept(newCell, c!)];
      return { state: next, written: [...next, tangents] };
    },
  );
  const [states, cells, tangents] = written as [Tensor, Tensor, Tensor];
  return { states, cells, tangents, hidden: state[0]!, cell: state[1]! };
}

/** Gradients of the results. */
interface LstmResultGradients {
  readonly states: Tensor;
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/**
 * Gradients of an LSTM layer's inputs. The loop carries the gradients of the state. Everything else is computed for all
 * steps at once: factors before the loop, gradients of weights after it.
 */
export function lstmBackward(
  backend: TensorFlowBackend,
  { inputs, hidden, cell, weightIh, weightHh, mask }: Omit<LstmInputs, 'bias'>,
  { states, cells, tangents }: LstmTrace,
  gradients: LstmResultGradients,
  reverse: boolean,
): Required<Omit<LstmInputs, 'mask'>> {
  const [time, batch, size] = inputs.shape as [number, number, number];
  const units = hidden.shape[1]!;
  const [i, f, g, o] = gatesOf(tangents, 2); // [T, B, D] each
  const tanhCells = tanh(cells);
  const slope = (gate: Tensor) => mul(gate, sub(1, gate)); // σ′ = σ (1 − σ)
  const ofSums = concat(
    [
      mul(g, slope(i)),
      mul(before(cell, cells, reverse), slope(f)),
      mul(i, sub(1, square(g))),
      mul(tanhCells, slope(o)),
    ],
    2,
  ); // [T, B, 4 D]
  const ofCell = mul(o, sub(1, square(tanhCells)));
  const known = mask === null ? [ofSums, ofCell, f] : [mul(ofSums, mask), ofCell, mul(f, mask), sub(1, mask)];
  const { state, written } = recurrence(
    backend,
    [gradients.states, ...known],
    [gradients.hidden, gradients.cell],
    [{ shape: [batch, 4 * units], dtype: 'float32' }],
    !reverse,
    ([carriedHidden, dCell], [dState, sumFactor, cellFactor, forget, absent]) => {
      const dHidden = add(carriedHidden!, dState!);
      const dNew = add(dCell!, mul(dHidden, cellFactor!));
      const dSums = mul(sumFactor!, concat([dNew, dNew, dNew, dHidden], 1));
      const [dHiddenBefore, dCellBefore] = [matMul(dSums, weightHh), mul(dNew, forget!)];
      const next =
        absent === undefined
          ? [dHiddenBefore, dCellBefore]
          : [add(dHiddenBefore, mul(dHidden, absent)), add(dCellBefore, mul(dCell!, absent))];
      return { state: next, written: [dSums] };
    },
  );
  const dSums = reshape(written[0]!, [time * batch, 4 * units]);
  const { weights, bias } = weightGradients([inputs, before(hidden, states, reverse)], dSums);
  return {
    inputs: reshape(matMul(dSums, weightIh), [time, batch, size]),
    hidden: state[0]!,
    cell: state[1]!,
    weightIh: weights[0]!,
    weightHh: weights[1]!,
    bias,
  };
}

/** The gates i, f, g, o from their tanh values, along the axis of size 4 D. */
function gatesOf(tangents: Tensor, axis: number): readonly [Tensor, Tensor, Tensor, Tensor] {
  const [i, f, g, o] = split(tangents, 4, axis) as [Tensor, Tensor, Tensor, Tensor];
  const sigmoid = (tangent: Tensor) => add(mul(tangent, 0.5), 0.5);
  return [sigmoid(i), sigmoid(f), g, sigmoid(o)];
}
