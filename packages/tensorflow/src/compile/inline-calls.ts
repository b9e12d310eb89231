import { type Graph, type GraphNode, type GraphTensor, reachableNodes } from './graph.ts';

/** Replaces each call of a pure function (`PartitionedCall`) by the nodes of the function. */
export function inlineCalls(graph: Graph): Graph {
  const given = graph.parameters.map(({ outputs }) => outputs[0]!);
  return { parameters: graph.parameters, ...expand(graph, given) };
}

function expand(graph: Graph, given: readonly GraphTensor[]): Pick<Graph, 'results' | 'effects'> {
  const tensors = new Map(graph.parameters.map(({ outputs }, index) => [outputs[0]!, given[index]!]));
  const renewed = new Map<GraphNode, readonly GraphNode[]>(
    graph.parameters.map((parameter, index) => [parameter, [given[index]!.node]]),
  );
  for (const node of reachableNodes(graph)) {
    if (renewed.has(node)) continue;
    const inputs = node.inputs.map((input) => tensors.get(input)!);
    const called = node.operation === 'PartitionedCall' ? node.functions?.f : undefined;
    let outputs: readonly GraphTensor[];
    if (called === undefined) {
      const controls = node.controls.flatMap((control) => renewed.get(control)!);
      const copy: GraphNode = { ...node, inputs, controls, outputs: [] };
      for (const output of node.outputs) copy.outputs.push({ ...output, node: copy });
      outputs = copy.outputs;
      renewed.set(node, [copy]);
    } else {
      outputs = expand(called, inputs).results;
      renewed.set(
        node,
        outputs.map(({ node: result }) => result),
      );
    }
    node.outputs.forEach((output, index) => tensors.set(output, outputs[index]!));
  }
  return {
    results: graph.results.map((result) => tensors.get(result)!),
    effects: graph.effects.flatMap((effect) => renewed.get(effect)!),
  };
}
