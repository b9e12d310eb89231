import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { type Attribute, AttributeType } from '../../c-api/attributes.ts';
import { booleanAttribute, typeAttribute } from '../../kernels/attributes.ts';
import type { Graph } from '../graph.ts';

/** Lets grappler run a loop or a branch in its own executor, instead of calling a function each time. */
const LOWERED = booleanAttribute('_lower_using_switch_merge', true);

/** A loop or a branch whose functions are recorded: called, it becomes an operation of the trace. */
export type Recorded = (inputs: readonly Tensor[]) => Tensor[];

/**
 * Records a loop: `body` on its own results for as long as `condition` holds.
 *
 * @param like tensors of the shapes and dtypes that the first round will get, and `body` will return
 * @param condition gives a scalar boolean tensor
 * @returns from what the first round gets to what the last returned
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
 * @param like tensors of the shapes and dtypes that the functions will get
 * @returns from the functions' inputs to their results
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
