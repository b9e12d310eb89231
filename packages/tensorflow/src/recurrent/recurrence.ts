import {
  add,
  concat,
  less,
  matMul,
  ones,
  reshape,
  scalar,
  slice,
  stack,
  sub,
  type Tensor,
  transpose,
  unstack,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { recordWhile } from '../compile/control-flow/graph-control-flow.ts';
import { type ElementType, TensorLists } from '../compile/control-flow/tensor-list.ts';

/** One step of a recurrence: maps its state and the step's elements to the next state and the written tensors. */
type RecurrenceStep = (
  state: Tensor[],
  given: Tensor[],
) => { readonly state: readonly Tensor[]; readonly written: readonly Tensor[] };

/**
 * Records a loop in the graph over the first axis of `sequences`. Where the length is even, a round of the loop is two
 * steps: XLA then takes a tenth less time for layers of 256 units, and no more for small ones. Four steps gain nothing.
 *
 * @param sequences tensors [T, …]; each step gets one element of each
 * @param writtenTypes types of the tensors that each step writes
 * @param reverse whether to go from the last element to the first
 * @returns the last state, and the written tensors, stacked in the order of `sequences`
 */
export function recurrence(
  backend: TensorFlowBackend,
  sequences: readonly Tensor[],
  initial: readonly Tensor[],
  writtenTypes: readonly ElementType[],
  reverse: boolean,
  step: RecurrenceStep,
): { readonly state: Tensor[]; readonly written: Tensor[] } {
  const lists = new TensorLists(backend);
  const length = sequences[0]!.shape[0];
  const stepsPerRound = length % 2 === 0 ? 2 : 1;
  const rounds = length / stepsPerRound;
  const given = sequences.map((each) => {
    const type = { shape: [stepsPerRound, ...each.shape.slice(1)], dtype: each.dtype };
    return { list: lists.unstack(reshape(each, [rounds, ...type.shape])), type };
  });
  const roundTypes = writtenTypes.map(({ shape, dtype }) => ({ shape: [stepsPerRound, ...shape], dtype }));
  const start = [scalar(0, 'int32'), ...initial, ...roundTypes.map((type) => lists.reserve(rounds, type))];
  const condition = ([index]: Tensor[]) => less(index!, scalar(rounds, 'int32'));
  const body = ([index, ...loop]: Tensor[]) => {
    const position = reverse ? sub(scalar(rounds - 1, 'int32'), index!) : index!;
    const elements = given.map(({ list, type }) => unstack(lists.get(list, position, type)));
    let state: readonly Tensor[] = loop.slice(0, initial.length);
    const written: Tensor[][] = [];
    for (let count = 0; count < stepsPerRound; count++) {
      const place = reverse ? stepsPerRound - 1 - count : count;
      const result = step(
        [...state],
        elements.map((each) => each[place]!),
      );
      state = result.state;
      written[place] = [...result.written];
    }
    const outputs = writtenTypes.map((_, i) =>
      lists.set(loop[initial.length + i]!, position, stack(written.map((each) => each[i]!))),
    );
    return [add(index!, scalar(1, 'int32')), ...state, ...outputs];
  };
  const [, ...end] = recordWhile(backend, start, condition, body)(start);
  const written = roundTypes.map((type, i) => {
    const stacked = lists.stack(end[initial.length + i]!, rounds, type);
    return reshape(stacked, [length, ...type.shape.slice(1)]);
  });
  return { state: end.slice(0, initial.length), written };
}

/** The state before each step [T, B, D]: the states after each step, shifted by one. */
export function before(initial: Tensor, states: Tensor, reverse: boolean): Tensor {
  const [time, batch, units] = states.shape as [number, number, number];
  const first = reshape(initial, [1, batch, units]);
  const rest = slice(states, [reverse ? 1 : 0, 0, 0], [time - 1, batch, units]);
  return concat(reverse ? [rest, first] : [first, rest], 0);
}

/** Gradients of each weight [G D, K] and of the bias [G D]. */
interface WeightGradients {
  readonly weights: readonly Tensor[];
  readonly bias: Tensor;
}

/**
 * Gradients of the weights that multiply `factors` [T, B, K] and of the bias, from the gradient of the sums [T B, G D].
 * One product computes all of them, with a row of ones for the bias. XLA's CPU kernels use all threads only where no
 * factor is transposed, and XLA folds transpositions into a product. Transposing the parts of factors and result one by
 * one prevents that: 10 ms instead of 18 to 27 for dSumsᵀ · factors, at 256 units and 3,072 rows.
 */
export function weightGradients(factors: readonly Tensor[], dSums: Tensor): WeightGradients {
  const [steps, outputs] = dSums.shape as [number, number];
  const rows = [...factors.map((each) => transpose(reshape(each, [steps, each.shape[2]!]))), ones([1, steps])];
  const product = matMul(concat(rows, 0), dSums); // [K + … + 1, G D]
  let start = 0;
  const parts = rows.map(({ shape: [size] }) => {
    const part = slice(product, [start, 0], [size, outputs]);
    start += size;
    return part;
  });
  return { weights: parts.slice(0, -1).map((part) => transpose(part)), bias: reshape(parts.at(-1)!, [outputs]) };
}
