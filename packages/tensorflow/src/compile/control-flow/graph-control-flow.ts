import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { type Attribute, AttributeType } from '../../c-api/attributes.ts';
import { booleanAttribute, typeAttribute } from '../../kernels/attributes.ts';
import type { Graph } from '../graph.ts';

/** Lets grappler run a loop or a branch in its own executor, instead of calling a function each time. */
const LOWERED = booleanAttribute('_lower_using_switch_merge', true);

/** A loop or a branch whose functions are recorded. Calling it adds the operation to the trace. */
export type Recorded = (inputs: readonly Tensor[]) => Tensor[];

/**
 * Records a loop that applies `body` to its own results as long as `condition` holds.
 *
 * @param like tensors with the shapes and dtypes of the loop's values
 * @param condition returns a scalar boolean tensor
 * @returns a function from the initial values to the last
 */
export function recordWhile(
  backend: TensorFlowBackend,
  like: readonly Tensor[],
  condition: (loop: Tensor[]) => Tensor,
  body: (loop: Tensor[]) => readonly Tensor[],
): Recorded {
  const tracer = backend.currentTracer!;
  const { graphs, captured } = tracer.recordCalled(like, [
    { run: body, returnsCaptures: true },
    { run: (loop) => [condition(loop)], returnsCaptures: false },
  ]);
  const [bodyGraph, conditionGraph] = graphs as [Graph, Graph];
  const attributes = [typeAttribute('T', resultTypes(bodyGraph)), outputShapes(bodyGraph), LOWERED];
  return (initial) => {
    const inputs = [...backend.getInputTensorIds(initial), ...captured];
    tracer.runCalling('StatelessWhile', attributes, inputs, { cond: conditionGraph, body: bodyGraph });
    return takeOutputs(backend, like.length);
  };
}

/**
 * Records a choice between two functions, which return tensors of the same shapes and dtypes.
 *
 * @param predicate scalar boolean tensor
 * @param like tensors with the shapes and dtypes of the functions' inputs
 * @returns a function from the functions' inputs to their results
 */
export function recordIf(
  backend: TensorFlowBackend,
  predicate: Tensor,
  like: readonly Tensor[],
  whenTrue: (inputs: Tensor[]) => readonly Tensor[],
  whenFalse: (inputs: Tensor[]) => readonly Tensor[],
): Recorded {
  const tracer = backend.currentTracer!;
  const choice = backend.getInputTensorIds([predicate]);
  const functions = [whenTrue, whenFalse].map((run) => ({ run, returnsCaptures: false }));
  const { graphs, captured } = tracer.recordCalled(like, functions);
  const [thenGraph, elseGraph] = graphs as [Graph, Graph];
  const parameterTypes = thenGraph.parameters.map(({ outputs }) => outputs[0]!.dataType);
  const attributes = [
    typeAttribute('Tin', parameterTypes),
    typeAttribute('Tout', resultTypes(thenGraph)),
    outputShapes(thenGraph),
    LOWERED,
  ];
  return (inputs) => {
    const handles = [...choice, ...backend.getInputTensorIds(inputs), ...captured];
    tracer.runCalling('StatelessIf', attributes, handles, { then_branch: thenGraph, else_branch: elseGraph });
    return takeOutputs(backend, thenGraph.results.length);
  };
}

function resultTypes({ results }: Graph): number[] {
  return results.map(({ dataType }) => dataType);
}

function outputShapes({ results }: Graph): Attribute {
  return { name: 'output_shapes', type: AttributeType.shape, value: results.map(({ shape }) => shape) };
}

function takeOutputs(backend: TensorFlowBackend, count: number): Tensor[] {
  const handles = Array.from({ length: count }, (_, index) => backend.operations.output(index));
  return handles.map((handle) => backend.takeOutput(handle));
}
