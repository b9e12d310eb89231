import { add, engine, less, scalar, sub, type Tensor, zeros, zerosLike } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { CompileError } from '../compile-error.ts';
import { type Recorded, recordWhile } from './graph-control-flow.ts';
import { type ElementType, TensorLists } from './tensor-list.ts';
import { vectorJacobianProducts } from './vector-jacobian.ts';

/**
 * Attributes of the kernel `Scan`. Its inputs are the carries, the stacked inputs, and all other tensors that `step`
 * uses.
 */
export interface ScanAttributes {
  readonly carryCount: number;
  readonly inputCount: number;
  readonly length: number;
  /** Whether to scan from the last element to the first. */
  readonly reverse: boolean;
  readonly step: (carry: Tensor[], input: Tensor[]) => { readonly carry: Tensor[]; readonly output: Tensor[] };
  /** Types of the outputs of `step`. */
  readonly outputTypes: readonly ElementType[];
  /**
   * Loop of the gradient. The kernel sets it where a tape records it, and then also returns the carries before each
   * step.
   */
  backward?: ScanBackward | undefined;
}

/** The loop of a scan's gradient, recorded while the tensors that `step` uses are alive. */
interface ScanBackward {
  readonly lists: TensorLists;
  readonly loop: Recorded;
}

/** Records a loop of `length` rounds over the given values. */
function recordCounted(
  backend: TensorFlowBackend,
  length: number,
  like: readonly Tensor[],
  body: (index: Tensor, loop: Tensor[]) => readonly Tensor[],
): Recorded {
  const recorded = recordWhile(
    backend,
    [scalar(0, 'int32'), ...like],
    ([index]) => less(index!, scalar(length, 'int32')),
    ([index, ...loop]) => [add(index!, scalar(1, 'int32')), ...body(index!, loop)],
  );
  return (initial) => recorded([scalar(0, 'int32'), ...initial]).slice(1);
}

/**
 * @returns the last carries, the stacked outputs, and, where a tape records it, the stacked carries before each step
 */
export function scanInGraph(
  backend: TensorFlowBackend,
  inputs: readonly Tensor[],
  attributes: ScanAttributes,
  isRecorded: boolean,
): Tensor[] {
  const { carryCount, inputCount, length, reverse, step, outputTypes } = attributes;
  const lists = new TensorLists(backend);
  const carry = inputs.slice(0, carryCount);
  const inputLists = inputs
    .slice(carryCount, carryCount + inputCount)
    .map((each) => [lists.unstack(each), elementOf(each)] as const);
  const carriesSaved = isRecorded ? carry : [];
  const outputLists = [...outputTypes, ...carriesSaved].map((type) => lists.reserve(length, type));
  const forward = recordCounted(backend, length, [...carry, ...outputLists], (index, loop) => {
    const position = at(index, length, reverse);
    const before = loop.slice(0, carryCount);
    const { carry: after, output } = step(
      before,
      inputLists.map(([list, type]) => lists.get(list, position, type)),
    );
    const written = [...output, ...before.slice(0, carriesSaved.length)];
    return [...after, ...written.map((each, i) => lists.set(loop[carryCount + i]!, position, each))];
  });
  const results = forward([...carry, ...outputLists]);
  const stacked = [...outputTypes, ...carriesSaved].map((type, i) =>
    lists.stack(results[carryCount + i]!, length, type),
  );
  if (isRecorded) {
    const saved = stacked.slice(outputTypes.length);
    attributes.backward = { lists, loop: recordBackward(backend, lists, inputs, saved, attributes) };
  }
  return [...results.slice(0, carryCount), ...stacked];
}

/**
 * Records the loop of the gradient. It carries the gradients of the carries and the summed gradients of the other
 * tensors that `step` uses, and writes the gradients of the inputs. `step` runs again for each element from the saved
 * carry.
 */
function recordBackward(
  backend: TensorFlowBackend,
  lists: TensorLists,
  inputs: readonly Tensor[],
  saved: readonly Tensor[],
  { carryCount, inputCount, length, reverse, step, outputTypes }: ScanAttributes,
): Recorded {
  const carryLike = inputs.slice(0, carryCount);
  const inputLike = inputs.slice(carryCount, carryCount + inputCount);
  const free = inputs.slice(carryCount + inputCount).filter(isFloat);
  const floatInputs = inputLike.filter(isFloat);
  const floatCarries = carryLike.filter(isFloat);
  const floatOutputs = outputTypes.filter(isFloat);
  const savedLists = saved.map((each) => lists.unstack(each));
  const inputLists = inputLike.map((each) => lists.unstack(each));
  const listLike = lists.reserve(length, { shape: [], dtype: 'float32' });
  const like = [...floatCarries, ...free, ...floatInputs.map(() => listLike), ...floatOutputs.map(() => listLike)];
  return recordCounted(backend, length, like, (index, loop) => {
    const position = at(index, length, !reverse);
    const [carryGradients, freeGradients, inputGradients, outputGradients] = split(loop, [
      floatCarries.length,
      free.length,
      floatInputs.length,
      floatOutputs.length,
    ]);
    const before = savedLists.map((list, i) => lists.get(list, position, carryLike[i]!));
    const given = inputLists.map((list, i) => lists.get(list, position, elementOf(inputLike[i]!)));
    const weights = [
      ...carryGradients!,
      ...outputGradients!.map((list, i) => lists.get(list, position, floatOutputs[i]!)),
    ];
    const results = () => {
      const { carry, output } = step(before, given);
      return [...carry, ...output].filter(isFloat);
    };
    const products = vectorJacobianProducts(results, weights, [
      ...before.filter(isFloat),
      ...free,
      ...given.filter(isFloat),
    ]);
    const [ofCarries, ofFree, ofInputs] = split(products, [floatCarries.length, free.length, floatInputs.length]);
    return [
      ...ofCarries!,
      ...ofFree!.map((product, i) => add(freeGradients![i]!, product)),
      ...ofInputs!.map((product, i) => lists.set(inputGradients![i]!, position, product)),
      ...outputGradients!,
    ];
  });
}

/** ∂/∂input for every float32 input of the kernel `Scan`; zeros for the others. */
export function scanGradients(
  gradients: readonly Tensor[],
  inputs: readonly Tensor[],
  attributes: ScanAttributes,
): Tensor[] {
  const { carryCount, inputCount, length, outputTypes, backward } = attributes;
  if (engine().state.gradientDepth > 0 || backward === undefined) {
    throw new CompileError('scan: a compiled scan has first derivatives only');
  }
  const { lists, loop } = backward;
  const [carries, outputs] = split(gradients, [carryCount, outputTypes.length]);
  const floats = inputs.filter(isFloat);
  const [carryLike, inputLike, free] = split(inputs, [
    carryCount,
    inputCount,
    inputs.length - carryCount - inputCount,
  ]).map((each) => each.filter(isFloat));
  const results = loop([
    ...carries!.filter((_, i) => isFloat(inputs[i]!)),
    ...free!.map((each) => zerosLike(each)),
    ...inputLike!.map((each) => lists.reserve(length, elementOf(each))),
    ...outputs!.filter((_, i) => isFloat(outputTypes[i]!)).map((each) => lists.unstack(each)),
  ]);
  const [ofCarries, ofFree, ofInputs] = split(results, [carryLike!.length, free!.length, inputLike!.length]);
  const stacked = ofInputs!.map((list, i) => lists.stack(list, length, elementOf(inputLike![i]!)));
  const byInput = new Map([...ofCarries!, ...stacked, ...ofFree!].map((each, i) => [floats[i]!, each]));
  return inputs.map((input) => byInput.get(input) ?? zeros(input.shape));
}

function at(index: Tensor, length: number, reverse: boolean): Tensor {
  return reverse ? sub(scalar(length - 1, 'int32'), index) : index;
}

function isFloat({ dtype }: { readonly dtype: string }): boolean {
  return dtype === 'float32';
}

function elementOf({ shape, dtype }: Tensor): ElementType {
  return { shape: shape.slice(1), dtype };
}

/** Consecutive parts of the given lengths. */
function split<T>(all: readonly T[], lengths: readonly number[]): T[][] {
  let start = 0;
  return lengths.map((length) => all.slice(start, (start += length)));
}
