import { expect, it } from 'vitest';
import { formatGraph, type Graph, type GraphNode } from './graph.ts';
import { inlineCalls } from './inline-calls.ts';

const node = (operation: string, inputs: readonly GraphNode[] = [], more: Partial<GraphNode> = {}): GraphNode => {
  const made: GraphNode = {
    operation,
    attributes: [],
    inputs: inputs.map(({ outputs }) => outputs[0]!),
    controls: [],
    outputs: [],
    ...more,
  };
  made.outputs.push({ node: made, index: 0, shape: [2], dataType: 1 });
  return made;
};

/** x ↦ f(operation(x)) */
function called(operation: string, inner?: Graph): Graph {
  const x = node('Placeholder');
  const first = node(operation, [x]);
  const last = inner === undefined ? first : node('PartitionedCall', [first], { functions: { f: inner } });
  return { parameters: [x], results: last.outputs, effects: [] };
}

it('inlines repeated calls, nested calls, and controls that wait for a call', () => {
  const body = called('Exp', called('Tanh'));
  const x = node('Placeholder');
  const once = node('PartitionedCall', [x], { functions: { f: body } });
  const again = node('PartitionedCall', [once], { functions: { f: body } });
  const loop = node('StatelessWhile', [again], { functions: { body: called('Neg') } });
  const effect = node('AssignVariableOp', [x], { controls: [once] });
  const graph = inlineCalls({ parameters: [x], results: loop.outputs, effects: [effect] });
  expect(formatGraph(graph)).toBe(
    [
      '%0 = Placeholder(): float32[2]',
      '%1 = Exp(%0): float32[2]',
      '%2 = Tanh(%1): float32[2]',
      '%3 = Exp(%2): float32[2]',
      '%4 = Tanh(%3): float32[2]',
      '%5 = StatelessWhile(%4): float32[2]',
      'body:',
      '  %0 = Placeholder(): float32[2]',
      '  %1 = Neg(%0): float32[2]',
      '  return %1',
      '%6 = AssignVariableOp(%0, ^%2): float32[2]',
      'return %5',
    ].join('\n'),
  );
});
