import { DataType } from '../c-api/types.ts';
import type { Graph, GraphNode, GraphTensor } from './graph.ts';

/** Makes a node of one float32 output. @returns the output */
export function node(
  operation: string,
  inputs: GraphTensor[],
  shape: number[],
  more: Partial<GraphNode> = {},
): GraphTensor {
  const outputs: GraphTensor[] = [];
  const made: GraphNode = { operation, attributes: [], inputs, controls: [], outputs, ...more };
  outputs.push({ node: made, index: 0, shape, dataType: DataType.float32 });
  return outputs[0]!;
}

export function parameter(shape: number[]): GraphTensor {
  return node('Placeholder', [], shape);
}

export function constant(values: number[], shape: number[]): GraphTensor {
  return node('Const', [], shape, { value: Float32Array.from(values) });
}

export function graph(parameters: GraphTensor[], results: GraphTensor[], effects: GraphNode[] = []): Graph {
  return { parameters: parameters.map((each) => each.node), results, effects };
}
