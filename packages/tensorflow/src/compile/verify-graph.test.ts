import { describe, expect, it } from 'vitest';
import { AttributeType } from '../c-api/attributes.ts';
import { DataType } from '../c-api/types.ts';
import type { Graph, GraphNode, GraphTensor } from './graph.ts';
import { runPasses } from './passes.ts';
import { applyRules, type Rule } from './rewrites/apply-rules.ts';
import { applyRewrites } from './rewrites.ts';
import { constant, graph, node, parameter } from './testing.ts';
import { verifyGraph } from './verify-graph.ts';

const type = (dataType: number) => ({ name: 'dtype', type: AttributeType.type, value: dataType });
const missing = undefined as unknown as GraphTensor;

function cycle(): Graph {
  const inputs: GraphTensor[] = [];
  const first = node('Relu', inputs, [2]);
  inputs.push(node('Exp', [first], [2]));
  return graph([], [first]);
}

function calling(body: Graph, inputs: GraphTensor[]): Graph {
  return graph(inputs, [node('PartitionedCall', inputs, [2], { functions: { f: body } })]);
}

describe('verifyGraph', () => {
  const x = parameter([2]);
  const relu = node('Relu', [x], [2]);

  it('accepts effects, controls, constants, and a function that is called twice', () => {
    const write = node('Write', [relu], [], { controls: [x.node] }).node;
    const inside = parameter([2]);
    const functions = { f: graph([inside], [node('Exp', [inside], [2])]) };
    const call = node('PartitionedCall', [x], [2], { functions });
    const sum = node('Add', [call, constant([1, 2], [2])], [2]);
    verifyGraph(graph([x], [sum, node('PartitionedCall', [sum], [2], { functions })], [write]), 'the trace');
  });

  it.each<[string, Graph, RegExp]>([
    ['a placeholder of another graph', graph([], [relu]), /%0 Placeholder: expected a parameter of this graph/],
    ['a parameter given twice', graph([x, x], [relu]), /expected each parameter once/],
    ['a parameter that is not a placeholder', graph([relu, x], [relu]), /%0 Relu: expected a Placeholder as parameter/],
    ['a cycle', cycle(), /%0 Exp: expected input 0 to come from a node before it, got %1 Relu/],
    ['no input', graph([x], [node('Relu', [missing], [2])]), /%1 Relu: expected input 0 .*, got none/],
    ['no result', graph([x], [missing]), /expected a tensor as result 0, got none/],
    ['no effect', graph([x], [], [undefined as unknown as GraphNode]), /expected a node as effect, got none/],
    ['an effect given twice', graph([x], [], [relu.node, relu.node]), /%1 Relu: expected each effect once/],
    [
      'no control',
      graph([x], [node('Relu', [x], [2], { controls: [undefined as unknown as GraphNode] })]),
      /%1 Relu: expected to wait for a node before it, got none/,
    ],
    [
      'an output that its node does not have',
      graph([x], [node('Exp', [{ ...relu, index: 1 }], [2])]),
      /%2 Exp: expected input 0 to be 1 of the 1 outputs of %1 Relu/,
    ],
    ['a copy of a tensor', graph([x], [{ ...relu }]), /%1 Relu: expected result 0 to be 0 of the 1 outputs/],
    ['an output of another node', graph([x], [node('Exp', [x], [2], { outputs: [relu] })]), /Relu/],
    ['a shape that is not known', graph([x], [node('Relu', [x], [NaN])]), /a known type and shape, got float32\[NaN\]/],
    [
      'an attribute given twice',
      graph([x], [node('Cast', [x], [2], { attributes: [type(1), type(3)] })]),
      /%1 Cast: expected each attribute once, got dtype, dtype/,
    ],
    [
      'a constant of another type than it says',
      graph([], [node('Const', [], [], { value: Float32Array.of(1), attributes: [type(DataType.int32)] })]),
      /%0 Const: expected the dtype of its output \(float32\[\]\), got int32/,
    ],
    ['a constant of too few values', graph([], [constant([1], [2])]), /expected 2 values for float32\[2\], got 1/],
    ['a constant without a value', graph([], [node('Const', [], [])]), /%0 Const: expected a value .*, got none/],
    [
      'a value of what is not a constant',
      graph([x], [node('Relu', [x], [2], { value: Float32Array.of(1, 2) })]),
      /%1 Relu: expected a value of constants alone, got one/,
    ],
    ['a fault inside a called function', calling(graph([], [relu]), [x]), /%0 Placeholder: expected a parameter/],
    ['a call of too few parameters', calling(graph([x], [relu]), [x, parameter([2])]), /2 parameters of f, got 1/],
    [
      'a call of another shape',
      calling(graph([x], [relu]), [parameter([3])]),
      /%1 PartitionedCall: expected parameters of f\[0\] to be float32\[3\], got float32\[2\]/,
    ],
  ])('finds %s', (_, malformed, message) => {
    expect(() => {
      verifyGraph(malformed, 'the trace');
    }).toThrow(message);
  });
});

describe('a broken rewrite is named', () => {
  const x = parameter([2, 3]);
  const y = parameter([1, 3]);
  const given = graph([x, y], [node('Relu', [node('Mul', [x, y], [2, 3])], [2, 3])]);
  const rewrite = (rule: Omit<Rule, 'name'>) => () => applyRules(given, [{ name: 'broken', ...rule }]);

  it('where a rule gives another shape', () => {
    const replacement = 'y';
    const pattern = { operation: 'Mul', inputs: [{}, { as: 'y' }] };
    expect(rewrite({ pattern, replacement })).toThrow(
      "the graph after the rewrite 'broken' is malformed: Mul: expected its replacement to be float32[2,3], got float32[1,3]",
    );
  });

  it('where a rule uses the node that it replaces', () => {
    const replacement = { operation: 'Exp', inputs: ['result'], attributes: {} };
    expect(rewrite({ pattern: { operation: 'Relu' }, replacement })).toThrow(
      "the graph after the rewrite 'broken' is malformed: Exp: expected input 0 to come from a node before it, got Relu",
    );
  });

  it('where a pass forgets a parameter', () => {
    const forgetParameters = ({ results, effects }: Graph): Graph => ({ parameters: [], results, effects });
    expect(() => runPasses(given, [applyRewrites, forgetParameters])).toThrow(
      /the graph after forgetParameters is malformed: %0 Placeholder: expected a parameter of this graph, got a placeholder of another/,
    );
  });
});
