import { describe, expect, it } from 'vitest';
import { DataType } from '../../c-api/types.ts';
import { difference, formatGraph, type Graph, type GraphNode, type GraphTensor } from '../graph.ts';
import { applyRewrites } from '../rewrites.ts';

function node(operation: string, inputs: GraphTensor[], more: Partial<GraphNode> = {}): GraphTensor {
  const outputs: GraphTensor[] = [];
  const made: GraphNode = { operation, attributes: [], inputs, controls: [], outputs, ...more };
  outputs.push({ node: made, index: 0, shape: [2], dataType: DataType.float32 });
  return outputs[0]!;
}

/** A loop whose body multiplies by a constant. */
function loop(factor: number): Graph {
  const inside = node('Placeholder', []);
  const constant = node('Const', [], { value: Float32Array.of(factor, factor) });
  const body = { parameters: [inside.node], results: [node('Mul', [inside, constant])], effects: [] };
  const outside = node('Placeholder', []);
  const result = node('StatelessWhile', [outside], { functions: { body } });
  return { parameters: [outside.node], results: [result], effects: [] };
}

describe('graphs that nodes call', () => {
  it('are compared', () => {
    expect(difference(loop(2), loop(2))).toBeUndefined();
    expect(difference(loop(2), loop(3))!.what).toBe('a constant of shape [2] differs');
  });

  it('are rewritten', () => {
    expect(formatGraph(applyRewrites(loop(1)))).not.toMatch('Mul');
    expect(formatGraph(applyRewrites(loop(2)))).toMatch('Mul');
  });

  it('are printed below the node that calls them', () => {
    expect(formatGraph(loop(2)).split('\n')).toEqual([
      '%0 = Placeholder(): float32[2]',
      '%1 = StatelessWhile(%0): float32[2]',
      'body:',
      '  %0 = Placeholder(): float32[2]',
      '  %1 = Const(value=[2,2]): float32[2]',
      '  %2 = Mul(%0, %1): float32[2]',
      '  return %2',
      'return %1',
    ]);
  });
});
