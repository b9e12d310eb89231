import { AttributeType } from '../../c-api/attributes.ts';
import { formatGraph, type Graph, type GraphNode, type GraphTensor, reachableNodes } from '../graph.ts';

/** Nodes that may become one call of `body`. */
export interface Cluster {
  readonly members: readonly GraphNode[];
  /** Tensors from outside: the arguments of `body`. */
  readonly inputs: readonly GraphTensor[];
  /** Tensors that are used outside: the results of `body`. */
  readonly outputs: readonly GraphTensor[];
  readonly body: Graph;
  /** Equal for clusters whose bodies are equal. */
  readonly key: string;
}

/** Makes a cluster of `members`, which are in order. It gets copies of the constants that they use. */
export function clusterFrom(members: readonly GraphNode[], isUsedOutside: (output: GraphTensor) => boolean): Cluster {
  const inside = new Map<GraphTensor, GraphTensor>();
  const parameters: GraphNode[] = [];
  const inputs: GraphTensor[] = [];
  const enter = (tensor: GraphTensor): GraphTensor => {
    let symbol = inside.get(tensor);
    if (symbol !== undefined) return symbol;
    if (tensor.node.operation === 'Const') symbol = copyOf(tensor.node, [], []).outputs[tensor.index]!;
    else {
      const parameter = placeholder(tensor);
      parameters.push(parameter);
      inputs.push(tensor);
      symbol = parameter.outputs[0]!;
    }
    inside.set(tensor, symbol);
    return symbol;
  };
  for (const node of members) {
    const copy = copyOf(node, node.inputs.map(enter), []);
    node.outputs.forEach((output, index) => inside.set(output, copy.outputs[index]!));
  }
  const outputs = members.flatMap((node) => node.outputs.filter(isUsedOutside));
  const body = { parameters, results: outputs.map((output) => inside.get(output)!), effects: [] };
  return { members, inputs, outputs, body, key: keyOf(body) };
}

/**
 * Replaces each cluster of a graph by a call.
 *
 * @param ordered all nodes but the parameters; the call takes the place of the cluster's first member
 */
export function callClusters(graph: Graph, ordered: readonly GraphNode[], clusters: readonly Cluster[]): Graph {
  const clusterOf = new Map(clusters.flatMap((cluster) => cluster.members.map((node) => [node, cluster] as const)));
  const bodies = new Map<string, Graph>();
  const tensors = new Map<GraphTensor, GraphTensor>();
  const renewed = new Map<GraphNode, GraphNode>();
  for (const node of [...graph.parameters, ...ordered]) {
    if (renewed.has(node)) continue;
    const cluster = clusterOf.get(node);
    const { members, inputs, outputs } = cluster ?? { members: [node], inputs: node.inputs, outputs: node.outputs };
    const given = inputs.map((input) => tensors.get(input)!);
    let next: GraphNode;
    if (cluster === undefined) {
      next = copyOf(
        node,
        given,
        node.controls.map((control) => renewed.get(control)!),
      );
    } else {
      const body = bodies.get(cluster.key) ?? cluster.body;
      bodies.set(cluster.key, body);
      next = callOf(body, given);
    }
    for (const member of members) renewed.set(member, next);
    outputs.forEach((output, index) => tensors.set(output, next.outputs[index]!));
  }
  return {
    parameters: graph.parameters.map((node) => renewed.get(node)!),
    results: graph.results.map((tensor) => tensors.get(tensor)!),
    effects: graph.effects.map((node) => renewed.get(node)!),
  };
}

/** Makes a call of `body`. `_XlaMustCompile` is set on the call, because TensorFlow ignores it on the function. */
function callOf(body: Graph, inputs: readonly GraphTensor[]): GraphNode {
  const node: GraphNode = {
    operation: 'PartitionedCall',
    attributes: [
      { name: 'Tin', type: AttributeType.type, value: inputs.map(({ dataType }) => dataType) },
      { name: 'Tout', type: AttributeType.type, value: body.results.map(({ dataType }) => dataType) },
      { name: '_XlaMustCompile', type: AttributeType.bool, value: true },
    ],
    inputs,
    controls: [],
    outputs: [],
    functions: { f: body },
  };
  body.results.forEach(({ shape, dataType }, index) => node.outputs.push({ node, index, shape, dataType }));
  return node;
}

function copyOf(node: GraphNode, inputs: readonly GraphTensor[], controls: readonly GraphNode[]): GraphNode {
  const copy: GraphNode = { ...node, inputs, controls, outputs: [] };
  for (const output of node.outputs) copy.outputs.push({ ...output, node: copy });
  return copy;
}

function placeholder({ dataType, shape }: GraphTensor): GraphNode {
  const attributes = [
    { name: 'dtype', type: AttributeType.type, value: dataType },
    { name: 'shape', type: AttributeType.shape, value: shape },
  ];
  const node: GraphNode = { operation: 'Placeholder', attributes, inputs: [], controls: [], outputs: [] };
  node.outputs.push({ node, index: 0, shape, dataType });
  return node;
}

function keyOf(body: Graph): string {
  const constants = reachableNodes(body).flatMap(({ value }) =>
    value === undefined ? [] : [Array.from<unknown>(value as ArrayLike<unknown>).join()],
  );
  return [formatGraph(body), ...constants].join('\n');
}
