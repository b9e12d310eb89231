import type { Attribute } from '../c-api/attributes.ts';
import { DataType } from '../c-api/types.ts';
import type { Graph, GraphNode, GraphTensor } from './graph.ts';
import { reachableNodes } from './graph.ts';
import { verifyReplacement } from './verify-graph.ts';

/** What to use instead of a node's result: another tensor as it is, or a new node's; undefined where the rule does not apply. */
export interface Rewrite {
  readonly name: string;
  readonly replace: (node: GraphNode, earlier: EarlierNode) => GraphTensor | undefined;
}

/** Finds the result of an operation that `input` alone went into before. */
type EarlierNode = (operation: string, input: GraphTensor) => GraphTensor | undefined;

/** A new node of one result, which is of the type and shape of `like`. */
function nodeLike(
  like: GraphNode,
  operation: string,
  inputs: readonly GraphTensor[],
  attributes: readonly Attribute[],
): GraphTensor {
  const { shape, dataType } = like.outputs[0]!;
  const node: GraphNode = { ...like, operation, inputs, attributes, outputs: [] };
  node.outputs.push({ node, index: 0, shape, dataType });
  return node.outputs[0]!;
}

const attributeOf = (node: GraphNode, name: string) => node.attributes.find((each) => each.name === name);

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** Whether a tensor is a constant whose every element is `value`. */
function isConstant({ node }: GraphTensor, value: number): boolean {
  if (node.operation !== 'Const') return false;
  const values = node.value as unknown[]; // or a typed array, maybe of millions: not copied
  return values.length > 0 && values.every((each) => each === value);
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

/** A batched product of single matrices: as a plain product, grappler fuses it with the bias and activation after it. */
function plainProduct(node: GraphNode): GraphTensor | undefined {
  const { operation, inputs } = node;
  if (operation !== 'BatchMatMulV2' || inputs[0]!.shape.length !== 2 || inputs[1]!.shape.length !== 2) return undefined;
  return nodeLike(node, 'MatMul', inputs, [
    attributeOf(node, 'T')!,
    { ...attributeOf(node, 'adj_x')!, name: 'transpose_a' },
    { ...attributeOf(node, 'adj_y')!, name: 'transpose_b' },
  ]);
}

/**
 * dy · step(x), by tfjs's step `isNaN(x) ? x : x > 0 ? 1 : 0`: ReluGrad(dy, x). It is the same of relu(x), with which x
 * itself is needed no longer.
 */
function reluGradient(node: GraphNode, earlier: EarlierNode): GraphTensor | undefined {
  if (node.operation !== 'Mul') return undefined;
  const [gradient, step] = node.inputs as [GraphTensor, GraphTensor];
  const [isNaN, x, compared] = step.node.operation === 'Select' ? step.node.inputs : [];
  if (x === undefined || isNaN!.node.operation !== 'IsNan' || isNaN!.node.inputs[0] !== x) return undefined;
  const [isPositive, one, zero] = compared!.node.operation === 'Select' ? compared!.node.inputs : [];
  if (isPositive?.node.operation !== 'Greater') return undefined;
  const [left, right] = isPositive.node.inputs;
  const isStep = left === x && isConstant(right!, 0) && isConstant(one!, 1) && isFilledWith(zero!, 0);
  if (!isStep || !sameShape(gradient.shape, x.shape)) return undefined;
  return nodeLike(node, 'ReluGrad', [gradient, earlier('Relu', x) ?? x], [attributeOf(node, 'T')!]);
}

function isFilledWith(tensor: GraphTensor, value: number): boolean {
  const { operation, inputs } = tensor.node;
  return operation === 'Fill' ? isConstant(inputs[1]!, value) : isConstant(tensor, value);
}

/** What tfjs's gradients leave behind, and what costs nothing to drop. */
const rewrites: readonly Rewrite[] = [
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
  { name: 'product of single matrices', replace: plainProduct },
  { name: 'gradient of relu', replace: reluGradient },
];

/** Small constants, which a trace makes anew wherever one is used: a third of a step's nodes. */
class Constants {
  private readonly known = new Map<string, GraphTensor>();

  /** The constant of the same type, shape and values that came before; undefined where there is none. */
  earlier({ operation, value, outputs }: GraphNode): GraphTensor | undefined {
    if (operation !== 'Const' || value!.length > longestShared) return undefined;
    const constant = outputs[0]!;
    const values = Array.from<unknown>(value as ArrayLike<unknown>).map((each) => (Object.is(each, -0) ? '-0' : each));
    const key = [constant.dataType, constant.shape.join(), ...values].join(';');
    const earlier = this.known.get(key);
    if (earlier === undefined) this.known.set(key, constant);
    return earlier;
  }
}

const longestShared = 16;

/**
 * Applies every rewrite wherever it fits, in one pass over the nodes in order: a node sees its inputs rewritten
 * already. What nothing needs any more is no longer reachable.
 *
 * @throws CompileError naming the rule, where it would make the graph malformed
 */
export function applyRewrites(graph: Graph, rules: readonly Rewrite[] = rewrites): Graph {
  const replaced = new Map<GraphTensor, GraphTensor>();
  const renewed = new Map<GraphNode, GraphNode>();
  const current = (tensor: GraphTensor) => replaced.get(tensor) ?? tensor;
  const unary = new Map<GraphTensor, GraphTensor[]>();
  const earlier: EarlierNode = (operation, input) =>
    unary.get(input)?.find((each) => each.node.operation === operation);
  const constants = new Constants();
  const placed = new Set<GraphNode>();
  const roots = new Set([...graph.effects, ...graph.parameters]);
  for (const node of reachableNodes(graph)) {
    const inputs = node.inputs.map(current);
    const controls = node.controls.map((control) => renewed.get(control)!);
    const outputs: GraphTensor[] = [];
    const called = Object.entries(node.functions ?? {}).map(
      ([name, inside]) => [name, applyRewrites(inside, rules)] as const,
    );
    const functions = called.length === 0 ? {} : { functions: Object.fromEntries(called) };
    const next: GraphNode = { ...node, ...functions, inputs, controls, outputs };
    for (const output of node.outputs) outputs.push({ ...output, node: next });
    renewed.set(node, next);
    let other: GraphTensor | undefined;
    if (!roots.has(node)) {
      for (const { name, replace } of rules) {
        other = replace(next, earlier);
        if (other === undefined) continue;
        verifyReplacement(outputs[0]!, other, placed, `the rewrite '${name}'`);
        break;
      }
      other ??= constants.earlier(next);
    }
    placed.add(next);
    if (other !== undefined) placed.add(other.node);
    if (inputs.length === 1) unary.set(inputs[0]!, [...(unary.get(inputs[0]!) ?? []), ...outputs]);
    node.outputs.forEach((output, index) => replaced.set(output, index === 0 && other ? other : outputs[index]!));
  }
  return {
    parameters: graph.parameters.map((node) => renewed.get(node)!),
    results: graph.results.map(current),
    effects: graph.effects.map((node) => renewed.get(node)!),
  };
}
