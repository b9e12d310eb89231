import type { Attribute } from '../c-api/attributes.ts';
import type { Values } from '../c-api/tensors.ts';
import { dataTypeName } from '../c-api/types.ts';

/** One result of a node. */
export interface GraphTensor {
  readonly node: GraphNode;
  readonly index: number;
  readonly shape: readonly number[];
  /** `TF_DataType` */
  readonly dataType: number;
}

/** An operation of a traced function. Placeholders and constants are nodes without inputs. */
export interface GraphNode {
  readonly operation: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly GraphTensor[];
  /** Nodes that must run before this one without being inputs. */
  readonly controls: readonly GraphNode[];
  readonly outputs: GraphTensor[];
  /** The value of a `Const`. */
  readonly value?: Values;
  /** Functions that the node calls, by the names of its attributes. */
  readonly functions?: Readonly<Record<string, Graph>>;
  /** Made in the user's call, for the line in error messages. */
  readonly origin?: Error;
}

/** A traced function as pure data, which is read and rewritten without TensorFlow. */
export interface Graph {
  /** Placeholders, in the order of the function's arguments. */
  readonly parameters: readonly GraphNode[];
  readonly results: readonly GraphTensor[];
  /** Nodes with side effects, in program order. */
  readonly effects: readonly GraphNode[];
}

/**
 * All parameters, and all nodes that results and effects need, each after the nodes that it depends on. Missing
 * references are skipped: `verifyGraph` finds them.
 */
export function reachableNodes({ parameters, results, effects }: Graph): GraphNode[] {
  const seen = new Set<GraphNode>(parameters);
  const ordered: GraphNode[] = [...parameters];
  const stack: { readonly node: GraphNode; next: number }[] = [];
  const push = (node: GraphNode | undefined) => {
    if (node === undefined || seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const root of [...results.map((result: GraphTensor | undefined) => result?.node), ...effects]) {
    push(root);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const { inputs, controls } = top.node;
      if (top.next < inputs.length) push(inputs[top.next]?.node);
      else if (top.next < inputs.length + controls.length) push(controls[top.next - inputs.length]);
      else {
        ordered.push(top.node);
        stack.pop();
        continue;
      }
      top.next++;
    }
  }
  return ordered;
}

/** The first difference between two traces of a function; undefined where they are equal. */
export function difference(
  first: Graph,
  second: Graph,
): { readonly node: GraphNode; readonly what: string } | undefined {
  const [a, b] = [reachableNodes(first), reachableNodes(second)];
  const position = (nodes: readonly GraphNode[]) => new Map(nodes.map((node, index) => [node, index]));
  const [inA, inB] = [position(a), position(b)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [x, y] = [a[index], b[index]];
    if (x === undefined || y?.operation !== x.operation) {
      return { node: (y ?? x)!, what: `operation ${(y ?? x)!.operation} is in one trace only` };
    }
    if (x.operation === 'Const' && !sameValues(x.value!, y.value!)) {
      return { node: y, what: `a constant of shape [${y.outputs[0]!.shape}] differs` };
    }
    const differs =
      JSON.stringify(x.attributes) !== JSON.stringify(y.attributes) ||
      x.inputs.length !== y.inputs.length ||
      x.inputs.some(
        (input, i) => inA.get(input.node) !== inB.get(y.inputs[i]!.node) || input.index !== y.inputs[i]!.index,
      );
    if (differs) return { node: y, what: `${y.operation} has other attributes or inputs` };
    for (const [name, called] of Object.entries(x.functions ?? {})) {
      const inside = difference(called, y.functions![name]!);
      if (inside !== undefined) return inside;
    }
  }
  return undefined;
}

function sameValues(a: Values, b: Values): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x instanceof Uint8Array) {
      if (Buffer.compare(x, y as Uint8Array) !== 0) return false;
    } else if (!Object.is(x, y)) return false;
  }
  return true;
}

/** Formats a graph as text, one node per line. Called functions are indented below their node. */
export function formatGraph(graph: Graph): string {
  const nodes = reachableNodes(graph);
  const names = new Map(nodes.map((node, index) => [node, `%${index}`]));
  const name = ({ node, index }: GraphTensor) => `${names.get(node)!}${index === 0 ? '' : `:${index}`}`;
  const lines = nodes.flatMap((node) => {
    const types = node.outputs.map(({ dataType, shape }) => `${dataTypeName(dataType)}[${shape}]`).join(', ');
    const attributes = node.attributes.map((attribute) => `${attribute.name}=${JSON.stringify(attribute.value)}`);
    const value =
      node.value === undefined || node.value.length > 8 ? [] : [`value=[${Array.from<unknown>(node.value).join()}]`];
    const controls = node.controls.map((control) => `^${names.get(control)!}`);
    const operands = [...node.inputs.map(name), ...controls, ...attributes, ...value].join(', ');
    const called = Object.entries(node.functions ?? {}).map(([attribute, inside]) =>
      `${attribute}:\n${formatGraph(inside)}`.replaceAll('\n', '\n  '),
    );
    return [`${names.get(node)!} = ${node.operation}(${operands})${types === '' ? '' : `: ${types}`}`, ...called];
  });
  return [...lines, `return ${graph.results.map(name).join(', ')}`].join('\n');
}
