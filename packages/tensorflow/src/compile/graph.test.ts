import { describe, expect, it } from 'vitest';
import { AttributeType } from '../c-api/attributes.ts';
import { bytesField, encodeMessage, type Field, messageField } from '../c-api/proto.ts';
import { DataType } from '../c-api/types.ts';
import { difference, formatGraph, type Graph, type GraphTensor, reachableNodes } from './graph.ts';
import { inputArguments } from './operation-arguments.ts';
import { applyRewrites } from './rewrites.ts';
import { constant, graph, node, parameter } from './testing.ts';

const operations = (each: Graph) => reachableNodes(each).map(({ operation }) => operation);

describe('a graph', () => {
  it('keeps every parameter, and all nodes that results and effects need, in order', () => {
    const [x, unused] = [parameter([2]), parameter([2])];
    const a = node('Relu', [x], [2]);
    node('Dead', [a], [2]);
    const write = node('Write', [x], [], { controls: [a.node] }).node;
    expect(operations(graph([x, unused], [node('Add', [a, a], [2])], [write]))).toEqual([
      'Placeholder',
      'Placeholder',
      'Relu',
      'Add',
      'Write',
    ]);
  });

  it('may be deep without overflowing the stack', () => {
    const x = parameter([1]);
    let last = x;
    for (let i = 0; i < 50_000; i++) last = node('Relu', [last], [1]);
    expect(reachableNodes(graph([x], [last])).length).toBe(50_001);
  });

  it('differs by operation, attribute, input and constant, and not otherwise', () => {
    const make = (value: number, keep = false, swap = false) => {
      const [x, y] = [parameter([1]), parameter([1])];
      const attributes = [{ name: 'keep', type: AttributeType.bool, value: keep }];
      const sum = node('Sub', swap ? [y, x] : [x, y], [1], { attributes });
      return graph([x, y], [node('Mul', [sum, constant([value], [1])], [1])]);
    };
    expect(difference(make(1), make(1))).toBeUndefined();
    expect(difference(make(NaN), make(NaN))).toBeUndefined();
    expect(difference(make(1), make(2))!.what).toMatch(/constant of shape \[1\]/);
    expect(difference(make(1), make(1, true))!.what).toMatch(/Sub has other attributes or inputs/);
    expect(difference(make(1), make(1, false, true))!.what).toMatch(/Sub has other attributes or inputs/);
    const [x] = [parameter([1])];
    expect(difference(make(1), graph([x], [node('Relu', [x], [1])]))).toBeDefined();
  });

  it('is printed one node a line', () => {
    const x = parameter([2, 3]);
    const text = formatGraph(graph([x], [node('Mul', [x, constant([2], [])], [2, 3])]));
    expect(text.split('\n')).toEqual([
      '%0 = Placeholder(): float32[2,3]',
      '%1 = Const(value=[2]): float32[]',
      '%2 = Mul(%0, %1): float32[2,3]',
      'return %2',
    ]);
  });
});

describe('rewrites', () => {
  it.each([
    ['cast to the same type', (x: GraphTensor) => node('Cast', [x], [2, 3])],
    ['reshape to the same shape', (x: GraphTensor) => node('Reshape', [x, constant([2, 3], [2])], [2, 3])],
    ['reshape there and back', (x: GraphTensor) => node('Reshape', [node('Reshape', [x], [6])], [2, 3])],
    ['product with one', (x: GraphTensor) => node('Mul', [x, constant([1], [])], [2, 3])],
    ['product with ones', (x: GraphTensor) => node('Mul', [constant([1, 1, 1], [3]), x], [2, 3])],
    ['sum with zero', (x: GraphTensor) => node('AddV2', [x, constant([0], [])], [2, 3])],
  ])('drop: %s', (_, make) => {
    const x = parameter([2, 3]);
    expect(operations(applyRewrites(graph([x], [node('Relu', [make(x)], [2, 3])])))).toEqual(['Placeholder', 'Relu']);
  });

  it.each([
    ['a product that broadcasts', (x: GraphTensor) => node('Mul', [x, constant([1, 1], [2, 1, 1])], [2, 2, 3])],
    ['a product with two', (x: GraphTensor) => node('Mul', [x, constant([2], [])], [2, 3])],
    ['a reshape', (x: GraphTensor) => node('Reshape', [x], [3, 2])],
    ['zero minus a tensor', (x: GraphTensor) => node('Sub', [constant([0], []), x], [2, 3])],
  ])('keep: %s', (_, make) => {
    const x = parameter([2, 3]);
    const before = graph([x], [make(x)]);
    expect(operations(applyRewrites(before))).toEqual(operations(before));
  });

  const named = (name: string, value: boolean) => ({ name, type: AttributeType.bool, value });

  it('turn a batched product of single matrices into a plain one', () => {
    const [a, b] = [parameter([3, 2]), parameter([3, 4])];
    const attributes = [
      { name: 'T', type: AttributeType.type, value: DataType.float32 },
      named('adj_x', true),
      named('adj_y', false),
    ];
    const before = graph([a, b], [node('BatchMatMulV2', [a, b], [2, 4], { attributes })]);
    const product = applyRewrites(before).results[0]!;
    expect(product).toMatchObject({ shape: [2, 4], node: { operation: 'MatMul' } });
    expect(product.node.attributes.slice(1)).toEqual([named('transpose_a', true), named('transpose_b', false)]);
    const batched = node('BatchMatMulV2', [parameter([5, 3, 2]), b], [5, 2, 4], { attributes });
    expect(operations(applyRewrites(graph([], [batched])))).toContain('BatchMatMulV2');
  });

  it.each([
    ['the gradient of relu, from its result', 0, ['Placeholder', 'Placeholder', 'Relu', 'ReluGrad', 'Add']],
    ['but not of a step elsewhere', 0.5, undefined],
  ])('make one of %s', (_, threshold, expected) => {
    const [x, gradient] = [parameter([2]), parameter([2])];
    const T = { attributes: [{ name: 'T', type: AttributeType.type, value: DataType.float32 }] };
    const isPositive = node('Greater', [x, constant([threshold], [])], [2]);
    const zeros = node('Fill', [constant([2], [1]), constant([0], [])], [2]);
    const step = node('Select', [isPositive, constant([1, 1], [2]), zeros], [2]);
    const product = node('Mul', [gradient, node('Select', [node('IsNan', [x], [2]), x, step], [2])], [2], T);
    const before = graph([x, gradient], [node('Add', [node('Relu', [x], [2]), product], [2])]);
    expect(operations(applyRewrites(before))).toEqual(expected ?? operations(before));
  });

  it('merge equal small constants, and no others', () => {
    const x = parameter([2]);
    const sum = (...constants: GraphTensor[]) =>
      constants.reduce((total, each) => node('AddV2', [total, each], [2]), x);
    const constantsLeft = (...constants: GraphTensor[]) =>
      operations(applyRewrites(graph([x], [sum(...constants)]))).filter((each) => each === 'Const').length;
    expect(constantsLeft(constant([2], []), constant([2], []), constant([2], []))).toBe(1);
    expect(constantsLeft(constant([2], []), constant([3], []), constant([2], [1]))).toBe(3);
    expect(constantsLeft(constant([-0, 1], [2]), constant([0, 1], [2]))).toBe(2);
    const long = () => constant(Array<number>(17).fill(2), [17]);
    expect(constantsLeft(long(), long())).toBe(2);
  });

  it('keep effects and their order', () => {
    const x = parameter([1]);
    const first = node('Write', [node('Mul', [x, constant([1], [])], [1])], []).node;
    const second = node('Write', [x], [], { controls: [first] }).node;
    const rewritten = applyRewrites(graph([x], [], [first, second]));
    expect(operations(rewritten)).toEqual(['Placeholder', 'Write', 'Write']);
    expect(rewritten.effects[1]!.controls).toEqual([rewritten.effects[0]]);
  });
});

describe('operation signatures', () => {
  it('tell lists from single inputs', () => {
    const argument = (name: string, more: Field[] = []) => messageField(2, [bytesField(1, name), ...more]);
    const definition = encodeMessage([
      bytesField(1, 'ConcatV2'),
      argument('values', [bytesField(5, 'N')]),
      argument('axis'),
      argument('rest', [bytesField(6, 'Tin')]),
    ]);
    expect(inputArguments(definition)).toEqual([
      { name: 'values', lengthAttribute: 'N', typesAttribute: undefined },
      { name: 'axis', lengthAttribute: undefined, typesAttribute: undefined },
      { name: 'rest', lengthAttribute: undefined, typesAttribute: 'Tin' },
    ]);
    expect(() => inputArguments(definition.subarray(0, definition.length - 3))).toThrow('truncated');
  });
});
