import {
  add,
  concat,
  matMul,
  mul,
  reshape,
  sigmoid,
  slice,
  split,
  square,
  sub,
  tanh,
  type Tensor,
  transpose,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { before, recurrence, weightGradients } from './recurrence.ts';

/** Inputs of a GRU layer: B sequences of T steps, I inputs, D units. Gates are in PyTorch's order r, z, n. */
interface GruInputs {
  /** [T, B, I] */
  readonly inputs: Tensor;
  /** [B, D] */
  readonly hidden: Tensor;
  /** [3 D, I] */
  readonly weightIh: Tensor;
  /** [3 D, D] */
  readonly weightHh: Tensor;
  /** [3 D] */
  readonly biasIh: Tensor;
  /** [3 D] */
  readonly biasHh: Tensor;
  /** [T, B, 1], float32: 1 where a sequence has this step, 0 where its state is kept. */
  readonly mask: Tensor | null;
}

/** Values of the forward pass that the backward pass needs. */
interface GruTrace {
  /** [T, B, D]: hidden states after each step. */
  readonly states: Tensor;
  /** [T, B, 4 D]: r, z, n, and the factor h W_hnᵀ + b_hn of r. */
  readonly gates: Tensor;
}

interface GruResult extends GruTrace {
  /** [B, D] */
  readonly hidden: Tensor;
}

/**
 * h′ = (1 − z) n + z h with [r z] = σ(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh) and n = tanh(x W_inᵀ + b_in + r (h W_hnᵀ +
 * b_hn)) (Cho et al., 2014, with the reset gate placed as in cuDNN and PyTorch). It runs as one loop in the graph. All
 * inputs are projected in one product before the loop.
 */
export function gruForward(
  backend: TensorFlowBackend,
  { inputs, hidden, weightIh, weightHh, biasIh, biasHh, mask }: GruInputs,
  reverse: boolean,
): GruResult {
  const [time, batch, size] = inputs.shape as [number, number, number];
  const units = hidden.shape[1]!;
  const flat = matMul(reshape(inputs, [time * batch, size]), weightIh, false, true);
  const projected = reshape(add(flat, biasIh), [time, batch, 3 * units]);
  const recurrent = transpose(weightHh); // [D, 3 D]
  const element = (size: number) => ({ shape: [batch, size], dtype: 'float32' as const });
  const { state, written } = recurrence(
    backend,
    mask === null ? [projected] : [projected, mask],
    [hidden],
    [element(units), element(4 * units)],
    reverse,
    ([h], [projection, present]) => {
      const [ofInput, candidateInput] = split(projection!, [2 * units, units], 1);
      const [ofState, candidateState] = split(add(matMul(h!, recurrent), biasHh), [2 * units, units], 1);
      const [r, z] = split(sigmoid(add(ofInput!, ofState!)), 2, 1);
      const n = tanh(add(candidateInput!, mul(r!, candidateState!)));
      const updated = add(n, mul(z!, sub(h!, n)));
      const next = present === undefined ? updated : add(h!, mul(present, sub(updated, h!)));
      return { state: [next], written: [next, concat([r!, z!, n, candidateState!], 1)] };
    },
  );
  const [states, gates] = written as [Tensor, Tensor];
  return { states, gates, hidden: state[0]! };
}

/**
 * Gradients of a GRU layer's inputs. The loop carries the gradient of the state. Everything else is computed for all
 * steps at once: factors before the loop, gradients of weights after it.
 */
export function gruBackward(
  backend: TensorFlowBackend,
  { inputs, hidden, weightIh, weightHh, mask }: Omit<GruInputs, 'biasIh' | 'biasHh'>,
  { states, gates }: GruTrace,
  gradients: { readonly states: Tensor; readonly hidden: Tensor },
  reverse: boolean,
): Required<Omit<GruInputs, 'mask'>> {
  const [time, batch, size] = inputs.shape as [number, number, number];
  const units = hidden.shape[1]!;
  const steps = time * batch;
  const statesBefore = before(hidden, states, reverse);
  const [r, z, n, candidateState] = split(gates, 4, 2) as [Tensor, Tensor, Tensor, Tensor]; // [T, B, D] each
  const masked = (factor: Tensor) => (mask === null ? factor : mul(factor, mask));
  const slope = (gate: Tensor) => mul(gate, sub(1, gate)); // σ′ = σ (1 − σ)
  const ofCandidate = masked(mul(sub(1, z), sub(1, square(n))));
  const ofCandidateState = mul(ofCandidate, r);
  const ofGates = [mul(mul(ofCandidate, candidateState), slope(r)), mul(masked(sub(statesBefore, n)), slope(z))];
  const kept = mask === null ? z : add(mul(z, mask), sub(1, mask));
  const { state, written } = recurrence(
    backend,
    [gradients.states, concat([...ofGates, ofCandidateState], 2), kept],
    [gradients.hidden],
    [units, 3 * units].map((width) => ({ shape: [batch, width], dtype: 'float32' as const })),
    !reverse,
    ([carried], [dState, sumFactors, keptFactor]) => {
      const dHidden = add(carried!, dState!);
      const dSums = mul(sumFactors!, concat([dHidden, dHidden, dHidden], 1));
      return { state: [add(mul(dHidden, keptFactor!), matMul(dSums, weightHh))], written: [dHidden, dSums] };
    },
  );
  const dCandidate = reshape(mul(written[0]!, ofCandidate), [steps, units]);
  const ofState = reshape(written[1]!, [steps, 3 * units]);
  const ofInput = concat([slice(ofState, [0, 0], [steps, 2 * units]), dCandidate], 1); // [T B, 3 D]
  const [byInput, byState] = [weightGradients([inputs], ofInput), weightGradients([statesBefore], ofState)];
  return {
    inputs: reshape(matMul(ofInput, weightIh), [time, batch, size]),
    hidden: state[0]!,
    weightIh: byInput.weights[0]!,
    weightHh: byState.weights[0]!,
    biasIh: byInput.bias,
    biasHh: byState.bias,
  };
}
