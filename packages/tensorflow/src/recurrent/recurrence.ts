import { add, concat, less, reshape, scalar, slice, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { recordWhile } from '../compile/control-flow/graph-control-flow.ts';
import { type ElementType, TensorLists } from '../compile/control-flow/tensor-list.ts';

/** What a recurrence does in one step: from its state and this step's elements to the next state and what is written. */
export type RecurrenceStep = (
  state: Tensor[],
  given: Tensor[],
) => { readonly state: readonly Tensor[]; readonly written: readonly Tensor[] };

/**
 * Records a loop of the graph over the first axis of `sequences`.
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
  const given = sequences.map((each) => ({
    list: lists.unstack(each),
    type: { shape: each.shape.slice(1), dtype: each.dtype },
  }));
  const start = [scalar(0, 'int32'), ...initial, ...writtenTypes.map((type) => lists.reserve(length, type))];
  const condition = ([index]: Tensor[]) => less(index!, scalar(length, 'int32'));
  const body = ([index, ...loop]: Tensor[]) => {
    const position = reverse ? sub(scalar(length - 1, 'int32'), index!) : index!;
    const elements = given.map(({ list, type }) => lists.get(list, position, type));
    const { state, written } = step(loop.slice(0, initial.length), elements);
    const outputs = written.map((each, i) => lists.set(loop[initial.length + i]!, position, each));
    return [add(index!, scalar(1, 'int32')), ...state, ...outputs];
  };
  const [, ...end] = recordWhile(backend, start, condition, body)(start);
  const written = writtenTypes.map((type, i) => lists.stack(end[initial.length + i]!, length, type));
  return { state: end.slice(0, initial.length), written };
}

/** What each step started from: the states [T, B, D] a step later. */
export function before(initial: Tensor, states: Tensor, reverse: boolean): Tensor {
  const [time, batch, units] = states.shape as [number, number, number];
  const first = reshape(initial, [1, batch, units]);
  const rest = slice(states, [reverse ? 1 : 0, 0, 0], [time - 1, batch, units]);
  return concat(reverse ? [rest, first] : [first, rest], 0);
}
