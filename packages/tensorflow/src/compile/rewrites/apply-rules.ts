import { type Graph, type GraphNode, type GraphTensor, reachableNodes } from '../graph.ts';
import { verifyReplacement } from '../verify-graph.ts';
import { match, type Pattern } from './pattern.ts';

/** A pattern of a tensor, and the replacement of a tensor that fits. */
export interface Rule {
  readonly name: string;
  /** The tensor itself is captured as `result`. */
  readonly pattern: Pattern & { readonly operation: string };
  /** The name of a captured tensor, or a new node whose output has the same type and shape. */
  readonly replacement: string | NewNode;
}

interface NewNode {
  readonly operation: string;
  readonly inputs: readonly NewInput[];
  /** Names of the new node's attributes, each with the name of the replaced node's attribute that has its value. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The name of a captured tensor, or an existing operation on that tensor, `{ operation: 'Relu', of: 'x' }`. The latter
 * is the captured tensor itself where no such node comes before.
 */
type NewInput = string | { readonly operation: string; readonly of: string };

/**
 * Largest number of elements of a shared constant. A trace makes constants anew at each use: a third of a step's nodes.
 */
const MAXIMUM_SHARED_ELEMENTS = 16;

/** Rewrites nodes in order. */
class Rewriter {
  readonly #rules: readonly Rule[];
  readonly #placed = new Set<GraphNode>();
  /** Outputs of nodes with one input, by that input. */
  readonly #unary = new Map<GraphTensor, GraphTensor[]>();
  readonly #constants = new Map<string, GraphTensor>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** Places a node. @returns the tensor to use instead of its first output */
  place(node: GraphNode, isRoot: boolean): GraphTensor | undefined {
    const { inputs, outputs } = node;
    const [result] = outputs;
    const replacement =
      isRoot || result === undefined ? undefined : (this.#replace(result) ?? this.#earlierConstant(result));
    if (inputs.length === 1) this.#unary.set(inputs[0]!, [...(this.#unary.get(inputs[0]!) ?? []), ...outputs]);
    this.#placed.add(node);
    if (replacement !== undefined) this.#placed.add(replacement.node);
    return replacement;
  }

  #replace(result: GraphTensor): GraphTensor | undefined {
    for (const { name, pattern, replacement } of this.#rules) {
      if (pattern.operation !== result.node.operation) continue;
      const captures = match(pattern, result, new Map([['result', result]]));
      if (captures === undefined) continue;
      const find = (input: NewInput): GraphTensor => {
        if (typeof input === 'string') return captures.get(input)!;
        const operand = captures.get(input.of)!;
        return this.#unary.get(operand)?.find(({ node }) => node.operation === input.operation) ?? operand;
      };
      const replaced = typeof replacement === 'string' ? find(replacement) : make(replacement, result, find);
      verifyReplacement(result, replaced, this.#placed, `the rewrite '${name}'`);
      return replaced;
    }
    return undefined;
  }

  /** An earlier constant of the same type, shape and values; undefined where there is none. */
  #earlierConstant(constant: GraphTensor): GraphTensor | undefined {
    const { operation, value } = constant.node;
    if (operation !== 'Const' || value!.length > MAXIMUM_SHARED_ELEMENTS) return undefined;
    const values = Array.from<unknown>(value as ArrayLike<unknown>).map((each) => (Object.is(each, -0) ? '-0' : each));
    const key = [constant.dataType, constant.shape.join(), ...values].join(';');
    const earlier = this.#constants.get(key);
    if (earlier === undefined) this.#constants.set(key, constant);
    return earlier;
  }
}

/** A new node of one output, which has the type and shape of `like`. */
function make(
  { operation, inputs, attributes }: NewNode,
  { node: replaced, shape, dataType }: GraphTensor,
  find: (input: NewInput) => GraphTensor,
): GraphTensor {
  const node: GraphNode = {
    ...replaced,
    operation,
    inputs: inputs.map(find),
    attributes: Object.entries(attributes).map(([name, from]) => ({
      ...replaced.attributes.find((each) => each.name === from)!,
      name,
    })),
    outputs: [],
  };
  node.outputs.push({ node, index: 0, shape, dataType });
  return node.outputs[0]!;
}

/**
 * Applies every rule wherever it fits, in one pass over the nodes in order. The inputs of a node are rewritten before
 * it. Replaced nodes are no longer reachable unless another node uses them.
 *
 * @throws CompileError naming a rule that makes the graph malformed
 */
export function applyRules(graph: Graph, rules: readonly Rule[]): Graph {
  const rewriter = new Rewriter(rules);
  const replaced = new Map<GraphTensor, GraphTensor>();
  const renewed = new Map<GraphNode, GraphNode>();
  const current = (tensor: GraphTensor) => replaced.get(tensor) ?? tensor;
  const roots = new Set([...graph.effects, ...graph.parameters]);
  for (const node of reachableNodes(graph)) {
    const inputs = node.inputs.map(current);
    const controls = node.controls.map((control) => renewed.get(control)!);
    const outputs: GraphTensor[] = [];
    const called = Object.entries(node.functions ?? {}).map(
      ([name, inside]) => [name, applyRules(inside, rules)] as const,
    );
    const functions = called.length === 0 ? {} : { functions: Object.fromEntries(called) };
    const next: GraphNode = { ...node, ...functions, inputs, controls, outputs };
    for (const output of node.outputs) outputs.push({ ...output, node: next });
    renewed.set(node, next);
    const other = rewriter.place(next, roots.has(node));
    node.outputs.forEach((output, index) => replaced.set(output, index === 0 && other ? other : outputs[index]!));
  }
  return {
    parameters: graph.parameters.map((node) => renewed.get(node)!),
    results: graph.results.map(current),
    effects: graph.effects.map((node) => renewed.get(node)!),
  };
}
