import { DataType } from '../c-api/types.ts';
import type { Graph, GraphNode, GraphTensor } from './graph.ts';
import { reachableNodes } from './graph.ts';

/** A node whose result is another tensor as it is: what to use instead, or undefined where the rule does not apply. */
interface Rewrite {
  readonly name: string;
  replace(node: GraphNode): GraphTensor | undefined;
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** Whether a tensor is a constant whose every element is `value`. */
function isConstant({ node }: GraphTensor, value: number): boolean {
  return (
    node.operation === 'Const' &&
    node.value!.length > 0 &&
    Array.from<unknown>(node.value as ArrayLike<unknown>).every((each) => each === value)
  );
}

/** The operand that a binary operation returns unchanged where the other is its neutral element. */
function withoutNeutral(operation: string, neutral: number) {
  return ({ operation: name, inputs, outputs }: GraphNode): GraphTensor | undefined => {
    if (name !== operation || outputs[0]!.dataType !== DataType.float32) return undefined;
    const [a, b] = inputs;
    if (isConstant(b!, neutral) && sameShape(a!.shape, outputs[0]!.shape)) return a;
    if (
      operation !== 'Sub' &&
      operation !== 'RealDiv' &&
      isConstant(a!, neutral) &&
      sameShape(b!.shape, outputs[0]!.shape)
    ) {
      return b;
    }
    return undefined;
  };
}

/** What tfjs's gradients leave behind, and what costs nothing to drop. */
export const rewrites: readonly Rewrite[] = [
  {
    name: 'cast to the same type',
    replace: ({ operation, inputs, outputs }) =>
      operation === 'Cast' && inputs[0]!.dataType === outputs[0]!.dataType ? inputs[0] : undefined,
  },
  {
    name: 'reshape to the same shape',
    replace: ({ operation, inputs, outputs }) =>
      operation === 'Reshape' && sameShape(inputs[0]!.shape, outputs[0]!.shape) ? inputs[0] : undefined,
  },
  {
    name: 'reshape of a reshape',
    replace: ({ operation, inputs, outputs }) => {
      const inner = inputs[0]?.node;
      if (operation !== 'Reshape' || inner?.operation !== 'Reshape') return undefined;
      return sameShape(inner.inputs[0]!.shape, outputs[0]!.shape) ? inner.inputs[0] : undefined;
    },
  },
  { name: 'product with one', replace: withoutNeutral('Mul', 1) },
  { name: 'sum with zero', replace: withoutNeutral('AddV2', 0) },
];

/**
 * Applies every rewrite wherever it fits, in one pass over the nodes in order: a node sees its inputs rewritten
 * already. What nothing needs any more is no longer reachable.
 */
export function applyRewrites(graph: Graph): Graph {
  const replaced = new Map<GraphTensor, GraphTensor>();
  const renewed = new Map<GraphNode, GraphNode>();
  const current = (tensor: GraphTensor) => replaced.get(tensor) ?? tensor;
  const roots = new Set([...graph.effects, ...graph.parameters]);
  for (const node of reachableNodes(graph)) {
    const inputs = node.inputs.map(current);
    const controls = node.controls.map((control) => renewed.get(control)!);
    const outputs: GraphTensor[] = [];
    const called = Object.entries(node.functions ?? {}).map(([name, inside]) => [name, applyRewrites(inside)] as const);
    const functions = called.length === 0 ? {} : { functions: Object.fromEntries(called) };
    const next: GraphNode = { ...node, ...functions, inputs, controls, outputs };
    for (const output of node.outputs) outputs.push({ ...output, node: next });
    renewed.set(node, next);
    const other = roots.has(node) ? undefined : rewrites.map((rewrite) => rewrite.replace(next)).find((each) => each);
    node.outputs.forEach((output, index) => replaced.set(output, index === 0 && other ? other : outputs[index]!));
  }
  return {
    parameters: graph.parameters.map((node) => renewed.get(node)!),
    results: graph.results.map(current),
    effects: graph.effects.map((node) => renewed.get(node)!),
  };
}
