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

/** What a recurrence does in one step: from its state and this step's elements to the next state and what is written. */
type RecurrenceStep = (
  state: Tensor[],
  given: Tensor[],
) => { readonly state: readonly Tensor[]; readonly written: readonly Tensor[] };

/**
 * Records a loop of the graph over the first axis of `sequences`. Where the length is even a round of the loop is two
 * steps: XLA takes a tenth less time for layers of 256 units, and no more for small ones; with four it gains nothing.
 *
 * @param sequences tensors [T, …], of which every step gets its element
 * @param writtenTypes what every step writes
 * @param reverse from the last element to the first
 * @returns the last state, and what was written, stacked at the place of its step
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

/** What each step started from: the states [T, B, D] a step later. */
export function before(initial: Tensor, states: Tensor, reverse: boolean): Tensor {
  const [time, batch, units] = states.shape as [number, number, number];
  const first = reshape(initial, [1, batch, units]);
  const rest = slice(states, [reverse ? 1 : 0, 0, 0], [time - 1, batch, units]);
  return concat(reverse ? [rest, first] : [first, rest], 0);
}

/** What `weightGradients` finds: of each weight [G D, K], and of the bias [G D] beside them. */
interface WeightGradients {
  readonly weights: readonly Tensor[];
  readonly bias: Tensor;
}

/**
 * The gradients of weights that multiply `factors` [T, B, K], and of the bias that is added, from that of the sums
 * [T B, G D]: one product for all, with a row of ones for the bias. XLA's CPU kernels are fastest, and use all threads,
 * where no factor is transposed, and XLA folds transpositions into a product unless parts of its factors and of its
 * result are transposed each: 10 ms instead of the 18 to 27 of dSumsᵀ · factors, for 256 units and 3,072 rows.
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
