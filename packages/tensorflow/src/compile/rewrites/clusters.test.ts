import { describe, expect, it } from 'vitest';
import { DataType } from '../../c-api/types.ts';
import { formatGraph, type Graph, type GraphNode, type GraphTensor, reachableNodes } from '../graph.ts';
import { clusterForXla } from './clusters.ts';

/** Shape of tensors that are large enough for a call to XLA. */
const LARGE = [1024, 1024];

function node(operation: string, inputs: GraphTensor[], more: Partial<GraphNode> & { shape?: number[] } = {}) {
  const { shape = LARGE, ...rest } = more;
  const outputs: GraphTensor[] = [];
  const made: GraphNode = { operation, attributes: [], inputs, controls: [], outputs, ...rest };
  outputs.push({ node: made, index: 0, shape, dataType: DataType.float32 });
  return outputs[0]!;
}

const parameter = (shape = LARGE) => node('Placeholder', [], { shape });
const graph = (parameters: GraphTensor[], results: GraphTensor[], effects: GraphNode[] = []): Graph => ({
  parameters: parameters.map((each) => each.node),
  results,
  effects,
});
const chain = (x: GraphTensor) => node('Mul', [x, node('Erf', [node('Square', [x])])]);
const operations = (each: Graph) => reachableNodes(each).map(({ operation }) => operation);
const calls = (each: Graph) => reachableNodes(each).filter(({ operation }) => operation === 'PartitionedCall');
const insideOf = ({ functions }: GraphNode) => operations(functions!.f!).filter((each) => each !== 'Placeholder');

describe('clusters for XLA', () => {
  it('make one call of a chain, its constants inside, and products outside', () => {
    const [x, y] = [parameter(), parameter()];
    const half = node('Const', [], { shape: [], value: Float32Array.of(0.5) });
    const before = graph([x, y], [node('MatMul', [node('Mul', [chain(node('MatMul', [x, y])), half]), y])]);
    const after = clusterForXla(before);
    expect(operations(after)).toEqual(['Placeholder', 'Placeholder', 'MatMul', 'PartitionedCall', 'MatMul']);
    const [call] = calls(after);
    expect(insideOf(call!)).toEqual(['Square', 'Erf', 'Mul', 'Const', 'Mul']);
    expect(call!.attributes).toContainEqual(expect.objectContaining({ name: '_XlaMustCompile', value: true }));
    expect(after.results[0]!.shape).toEqual(LARGE);
  });

  it('exclude small tensors, single operations, and updates of variables', () => {
    const small = parameter([2]);
    const tiny = node('Mul', [node('Erf', [small], { shape: [2] }), small], { shape: [2] });
    const [x, resource] = [parameter(), parameter([])];
    const write = node('AssignVariableOp', [resource, node('Neg', [x])]).node;
    const before = graph([small, x, resource], [tiny, node('Relu', [x])], [write]);
    expect(operations(clusterForXla(before))).toEqual(operations(before));
  });

  it('leave bias and activation to the product that computes them', () => {
    const [x, w, bias] = [parameter(), parameter(), parameter([1024])];
    const sum = node('Add', [node('MatMul', [x, w]), bias]);
    const after = clusterForXla(graph([x, w, bias], [node('MatMul', [chain(node('Relu', [sum])), w])]));
    expect(operations(after)).toEqual(expect.arrayContaining(['Add', 'Relu']));
    expect(insideOf(calls(after)[0]!)).toEqual(['Square', 'Erf', 'Mul']);
  });

  it('never wait for themselves: a chain with a product inside becomes two calls', () => {
    const [x, w] = [parameter(), parameter()];
    const first = chain(x);
    const both = node('Add', [chain(node('MatMul', [first, w])), first]);
    const after = clusterForXla(graph([x, w], [both]));
    expect(calls(after)).toHaveLength(2);
    const seen = new Set<GraphNode>();
    for (const each of reachableNodes(after)) {
      for (const input of each.inputs) expect(seen).toContain(input.node);
      seen.add(each);
    }
  });

  it('compute values that only the backward pass needs there', () => {
    const [x, w] = [parameter(), parameter()];
    const deep = node('MatMul', [chain(x), w]);
    const onlyLater = node('Exp', [node('Square', [x])]);
    const after = clusterForXla(graph([x, w], [chain(node('Mul', [deep, onlyLater]))]));
    const [early, late] = calls(after);
    expect(insideOf(early!)).not.toContain('Exp');
    expect(insideOf(late!)).toContain('Exp');
    expect(late!.inputs).toHaveLength(2);
  });

  it('share a function where their bodies are equal, and not where a constant differs', () => {
    const scaled = (x: GraphTensor, by: number) =>
      node('Mul', [chain(x), node('Const', [], { shape: [], value: Float32Array.of(by) })]);
    const [x, y, w] = [parameter(), parameter(), parameter()];
    const apart = (...factors: number[]) => {
      const [a, b] = [scaled(x, factors[0]!), scaled(y, factors[1]!)];
      return calls(clusterForXla(graph([x, y, w], [node('MatMul', [a, w]), node('MatMul', [b, w])])));
    };
    const [first, second] = apart(2, 2);
    expect(first!.functions!.f).toBe(second!.functions!.f);
    const [third, fourth] = apart(2, 3);
    expect(third!.functions!.f).not.toBe(fourth!.functions!.f);
  });

  it('keep effects, their order, and the reads before them', () => {
    const resource = parameter([]);
    const [x, w] = [parameter(), parameter()];
    const read = node('ReadVariableOp', [resource]);
    const value = node('MatMul', [chain(node('Mul', [x, read])), w]);
    const write = node('AssignVariableOp', [resource, value], { controls: [read.node] }).node;
    const again = node('AssignVariableOp', [resource, chain(value)], { controls: [write] }).node;
    const after = clusterForXla(graph([resource, x, w], [], [write, again]));
    expect(after.effects.map(({ operation }) => operation)).toEqual(['AssignVariableOp', 'AssignVariableOp']);
    expect(after.effects[1]!.controls).toEqual([after.effects[0]]);
    expect(after.effects[0]!.controls.map(({ operation }) => operation)).toEqual(['ReadVariableOp']);
    expect(formatGraph(after)).toContain('PartitionedCall');
  });
});
