import * as tf from '@tensorflow/tfjs-core';
import { explore, isTracing } from './tracing.ts';
import { checkSame, cloned, leaves, tidied, withLeaves, type TensorTree } from './tree.ts';

export interface ScanOptions {
  /** Whether to iterate from the last element to the first. Default false. */
  readonly reverse?: boolean;
}

/**
 * Scans over the first axis of `inputs` with a carry: carryₜ₊₁, outputₜ = step(carryₜ, inputₜ). In a compiled function
 * it is a single graph loop of any length, otherwise a JavaScript loop. Gradients flow to the carry, the inputs and
 * every tensor that `step` uses. The compiled backward pass runs `step` again.
 *
 * @param step pure function; the carry keeps its shapes and dtypes, the output has the same shapes in every step
 * @param inputs one or more tensors [T, …] with equal T
 * @returns the final carry, and the outputs stacked in input order, [T, …]
 * @throws Error where the lengths differ, or the carry changes its shape or dtype
 */
export function scan<Carry extends TensorTree, Input extends TensorTree, Output extends TensorTree>(
  step: (carry: Carry, input: Input) => { readonly carry: Carry; readonly output: Output },
  initial: Carry,
  inputs: Input,
  { reverse = false }: ScanOptions = {},
): { readonly carry: Carry; readonly output: Output } {
  const length = lengthOf(leaves(inputs));
  const checked = (carry: Carry, input: Input) => {
    const result = step(carry, input);
    checkSame('scan: the carry', leaves(result.carry), leaves(initial));
    return result;
  };
  return tidied(() => {
    if (length === 0) return { carry: cloned(initial), output: noOutput(checked, initial, inputs) };
    if (isTracing()) return scanInGraph(checked, initial, inputs, length, reverse);
    return scanInJavaScript(checked, initial, inputs, length, reverse);
  });
}

type Step<Carry, Input, Output> = (carry: Carry, input: Input) => { readonly carry: Carry; readonly output: Output };

function scanInJavaScript<Carry extends TensorTree, Input extends TensorTree, Output extends TensorTree>(
  step: Step<Carry, Input, Output>,
  initial: Carry,
  inputs: Input,
  length: number,
  reverse: boolean,
): { carry: Carry; output: Output } {
  const elements = leaves(inputs).map((each) => tf.unstack(each));
  const outputs = new Array<Output>(length);
  let carry = cloned(initial);
  for (let count = 0; count < length; count++) {
    const index = reverse ? length - 1 - count : count;
    const input = withLeaves(
      inputs,
      elements.map((each) => each[index]!),
    );
    const result = tidied(() => step(carry, input));
    carry = result.carry;
    outputs[index] = result.output;
  }
  const columns = outputs.map(leaves);
  const stacked = columns[0]!.map((_, leaf) => tf.stack(columns.map((row) => row[leaf]!)));
  return { carry, output: withLeaves(outputs[0]!, stacked) };
}

function scanInGraph<Carry extends TensorTree, Input extends TensorTree, Output extends TensorTree>(
  step: Step<Carry, Input, Output>,
  initial: Carry,
  inputs: Input,
  length: number,
  reverse: boolean,
): { carry: Carry; output: Output } {
  const [carryLeaves, inputLeaves] = [leaves(initial), leaves(inputs)];
  let template: Output | undefined;
  const stepOfLeaves = (carry: readonly tf.Tensor[], input: readonly tf.Tensor[]) => {
    const result = step(withLeaves(initial, carry), withLeaves(inputs, input));
    template = result.output;
    return { carry: leaves(result.carry), output: leaves(result.output) };
  };
  const elements = inputLeaves.map(({ shape, dtype }) => tf.zeros(shape.slice(1), dtype));
  const { free, description: outputTypes } = explore(
    [...carryLeaves, ...elements],
    () => {
      const { carry, output } = stepOfLeaves(carryLeaves, elements);
      return [...carry, ...output];
    },
    (returned) => returned.slice(carryLeaves.length).map(({ shape, dtype }) => ({ shape, dtype })),
  );
  const attributes = {
    carryCount: carryLeaves.length,
    inputCount: inputLeaves.length,
    length,
    reverse,
    step: stepOfLeaves,
    outputTypes,
  };
  const kernelInputs = [...carryLeaves, ...inputLeaves, ...free];
  const results = runKernel('Scan', kernelInputs, attributes);
  const outputs = results.slice(carryLeaves.length, carryLeaves.length + outputTypes.length);
  return { carry: withLeaves(initial, results), output: withLeaves(template!, outputs) };
}

/** Runs a kernel whose inputs have no names and whose attributes may be of any type. */
export function runKernel(name: string, inputs: readonly tf.Tensor[], attributes: object): tf.Tensor[] {
  const results: tf.Tensor | tf.Tensor[] = tf
    .engine()
    .runKernel(name, inputs as unknown as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
  return [results].flat();
}

function lengthOf(inputs: readonly tf.Tensor[]): number {
  const lengths = [...new Set(inputs.map(({ shape }) => shape[0]))];
  if (lengths.length !== 1 || lengths[0] === undefined)
    throw new Error(
      `scan: expected inputs [T, …] of one length, got ${inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ') || 'none'}`,
    );
  return lengths[0];
}

/** Outputs of zero steps, [0, …], with the shapes that `step` returns. */
function noOutput<Carry extends TensorTree, Input extends TensorTree, Output extends TensorTree>(
  step: Step<Carry, Input, Output>,
  initial: Carry,
  inputs: Input,
): Output {
  const element = withLeaves(
    inputs,
    leaves(inputs).map(({ shape, dtype }) => tf.zeros(shape.slice(1), dtype)),
  );
  const { output } = step(initial, element);
  return withLeaves(
    output,
    leaves(output).map(({ shape, dtype }) => tf.tensor([], [0, ...shape], dtype)),
  );
}
