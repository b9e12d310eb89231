import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import type { PbfReader } from 'pbf';
import { beforeAll, describe, expect, it } from 'vitest';
import { AttributeType } from '../c-api/attributes.ts';
import { readMessage } from '../c-api/proto.ts';
import { DataType } from '../c-api/types.ts';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';
import { compile } from './compile.ts';
import { encodeGraphDef } from './graph-def.ts';
import type { Graph, GraphNode } from './graph.ts';

interface Node {
  name: string;
  operation: string;
  readonly inputs: string[];
  readonly attributes: Map<string, Uint8Array>;
}

interface Decoded {
  readonly nodes: Node[];
  readonly functions: Uint8Array[];
}

/** Decodes a `GraphDef` (tensorflow/core/framework/graph.proto). */
function decode(graphDef: Uint8Array): Decoded {
  const readLibrary = (field: number, functions: Uint8Array[], pbf: PbfReader) => {
    if (field === 1) functions.push(pbf.readBytes());
  };
  const readGraph = (field: number, { nodes, functions }: Decoded, pbf: PbfReader) => {
    if (field === 1) {
      nodes.push(pbf.readMessage(readNode, { name: '', operation: '', inputs: [], attributes: new Map() }));
    }
    if (field === 2) pbf.readMessage(readLibrary, functions);
  };
  return readMessage<Decoded>(graphDef, readGraph, { nodes: [], functions: [] });
}

function readNode(field: number, node: Node, pbf: PbfReader): void {
  const readEntry = (entryField: number, entry: { key: string; value: Uint8Array }) => {
    if (entryField === 1) entry.key = pbf.readString();
    if (entryField === 2) entry.value = pbf.readBytes();
  };
  if (field === 1) node.name = pbf.readString();
  if (field === 2) node.operation = pbf.readString();
  if (field === 3) node.inputs.push(pbf.readString());
  if (field !== 5) return;
  const { key, value } = pbf.readMessage(readEntry, { key: '', value: new Uint8Array() });
  node.attributes.set(key, value);
}

describe('encodeGraphDef', () => {
  const node = (operation: string, more: Partial<GraphNode> = {}, outputs = 1): GraphNode => {
    const made: GraphNode = { operation, attributes: [], inputs: [], controls: [], outputs: [], ...more };
    for (let index = 0; index < outputs; index++) {
      made.outputs.push({ node: made, index, shape: [2], dataType: DataType.float32 });
    }
    return made;
  };
  const scoped = (scope: string) => ({ name: '_scope', type: AttributeType.string, value: scope });

  it('names nodes by scope, and constants by the scope of their first user', () => {
    const x = node('Placeholder');
    const one = node('Const', { value: Float32Array.of(1, 1) });
    const split = node('Split', { inputs: [x.outputs[0]!, one.outputs[0]!], attributes: [scoped('loss/halve')] }, 2);
    const again = node(
      'Split',
      { inputs: [split.outputs[1]!, one.outputs[0]!], attributes: [scoped('loss/halve')] },
      2,
    );
    const effect = node('Print', { inputs: [again.outputs[0]!], controls: [split] }, 0);
    const { nodes } = decode(encodeGraphDef({ parameters: [x], results: [], effects: [effect] }, ['arguments/0']));
    expect(nodes.map(({ name, inputs }) => [name, ...inputs])).toEqual([
      ['arguments/0'],
      ['loss/halve/Const'],
      ['loss/halve/Split', 'arguments/0', 'loss/halve/Const'],
      ['loss/halve/Split_1', 'loss/halve/Split:1', 'loss/halve/Const'],
      ['Print', 'loss/halve/Split_1', '^loss/halve/Split'],
    ]);
  });

  it('writes every kind of attribute, negative numbers included', () => {
    const { string, int, float, bool, type, shape } = AttributeType;
    const attributes = [
      { name: 'string', type: string, value: 'SAME' },
      { name: 'int', type: int, value: -2 },
      { name: 'float', type: float, value: 0.5 },
      { name: 'bool', type: bool, value: true },
      { name: 'type', type, value: DataType.int32 },
      { name: 'shape', type: shape, value: [2, 3] },
      { name: 'scalar', type: shape, value: [] },
      { name: 'ints', type: int, value: [1, 300] },
      { name: 'shapes', type: shape, value: [[4], []] },
    ];
    const graph: Graph = { parameters: [], results: node('Op', { attributes }).outputs, effects: [] };
    const [{ attributes: written } = { attributes: new Map<string, Uint8Array>() }] = decode(
      encodeGraphDef(graph, []),
    ).nodes;
    const bytes = Object.fromEntries([...written].map(([name, value]) => [name, Buffer.from(value).toString('hex')]));
    // As Python's attr_value_pb2 serializes them, but for the list of integers, which may also be packed.
    expect(bytes).toEqual({
      string: '120453414d45',
      int: '18feffffffffffffffff01',
      float: '250000003f',
      bool: '2801',
      type: '3003',
      shape: '3a08120208021202' + '0803',
      scalar: '3a00',
      ints: '0a051801' + '18ac02',
      shapes: '0a083a0412020804' + '3a00',
      _output_shapes: '0a063a0412020802',
    });
  });

  it('writes short constants and leaves long ones out', () => {
    const constant = (length: number) => node('Const', { value: new Float32Array(length).fill(1.5) });
    const graph: Graph = {
      parameters: [],
      results: [constant(2), constant(2000)].flatMap(({ outputs }) => outputs),
      effects: [],
    };
    const graphDef = encodeGraphDef(graph, []);
    expect(graphDef.length).toBeLessThan(1000);
    expect(Buffer.from(graphDef).includes(Buffer.from(Float32Array.of(1.5, 1.5).buffer))).toBe(true);
  });
});

describeNative('graphDef', () => {
  beforeAll(async () => {
    await register();
  });

  class Layer {
    readonly weight = tf.variable(tf.ones([3, 3]));

    forward(x: tf.Tensor): tf.Tensor {
      return tf.tanh(tf.matMul(x, this.weight));
    }
  }

  it('has scopes of the user’s calls, and one of the backward pass', () => {
    const [first, second] = [new Layer(), new Layer()];
    const weights = [first.weight, second.weight];
    const loss = (x: tf.Tensor): tf.Scalar => tf.sum(second.forward(first.forward(x))).asScalar();
    const step = compile((x: tf.Tensor) => tf.variableGrads(() => loss(x), weights).grads[first.weight.name]!);
    const { nodes } = decode(step.graphDef('rewritten', tf.ones([2, 3])));
    const names = nodes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        'arguments/0',
        `variables/${first.weight.name}`,
        expect.stringMatching(/loss\/Layer\.forward\/MatMul$/),
        expect.stringMatching(/loss\/Layer\.forward_1\/MatMul$/),
        expect.stringMatching(/gradients\/MatMul(_\d)?$/),
      ]),
    );
    const known = new Set(names);
    for (const input of nodes.flatMap(({ inputs }) => inputs)) {
      expect(known).toContain(input.replace(/^\^/, '').replace(/:\d+$/, ''));
    }
    const traced = decode(step.graphDef('traced', tf.ones([2, 3]))).nodes;
    expect(traced.length).toBeGreaterThan(nodes.length);
  });

  it('shows one step where a call makes several', () => {
    const step = compile((x: tf.Tensor) => tf.mul(x, 2), { stepsPerCall: 3 });
    const { nodes } = decode(step.graphDef('traced', tf.ones([3, 5])));
    expect(nodes.map(({ operation }) => operation)).toEqual(['Placeholder', 'Const', 'Mul']);
    expect(() => step.graphDef('traced', tf.ones([4, 5]))).toThrow('1 to 3 steps');
  });
});
