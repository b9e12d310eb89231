import { DataType } from '../c-api/types.ts';
import type { Graph } from './graph.ts';
import { applyRules, type Rule } from './rewrites/apply-rules.ts';
import type { Pattern } from './rewrites/pattern.ts';

/** tfjs's step function, `isNaN(x) ? x : x > 0 ? 1 : 0`. */
const STEP: Pattern = {
  operation: 'Select',
  inputs: [
    { operation: 'IsNan', inputs: [{ as: 'x', sameShapeAs: 'gradient' }] },
    { as: 'x' },
    {
      operation: 'Select',
      inputs: [
        { operation: 'Greater', inputs: [{ as: 'x' }, { constant: 0 }] },
        { constant: 1 },
        { anyOf: [{ constant: 0 }, { operation: 'Fill', inputs: [{}, { constant: 0 }] }] },
      ],
    },
  ],
};

/** Rules that remove leftovers of tfjs's gradients. The first rule that fits is applied. */
const RULES: readonly Rule[] = [
  {
    name: 'cast to the same type',
    pattern: { operation: 'Cast', inputs: [{ as: 'x', sameTypeAs: 'result' }] },
    replacement: 'x',
  },
  {
    name: 'reshape to the same shape',
    pattern: { operation: 'Reshape', inputs: [{ as: 'x', sameShapeAs: 'result' }] },
    replacement: 'x',
  },
  {
    name: 'reshape there and back',
    pattern: {
      operation: 'Reshape',
      inputs: [{ operation: 'Reshape', inputs: [{ as: 'x', sameShapeAs: 'result' }] }],
    },
    replacement: 'x',
  },
  {
    name: 'product with one',
    pattern: {
      operation: 'Mul',
      dataType: DataType.float32,
      inputs: [{ as: 'x', sameShapeAs: 'result' }, { constant: 1 }],
      commutes: true,
    },
    replacement: 'x',
  },
  {
    name: 'sum with zero',
    pattern: {
      operation: 'AddV2',
      dataType: DataType.float32,
      inputs: [{ as: 'x', sameShapeAs: 'result' }, { constant: 0 }],
      commutes: true,
    },
    replacement: 'x',
  },
  {
    // As a plain product, grappler fuses it with the bias and the activation after it.
    name: 'batched product of single matrices',
    pattern: {
      operation: 'BatchMatMulV2',
      inputs: [
        { as: 'a', rank: 2 },
        { as: 'b', rank: 2 },
      ],
    },
    replacement: {
      operation: 'MatMul',
      inputs: ['a', 'b'],
      attributes: { T: 'T', transpose_a: 'adj_x', transpose_b: 'adj_y' },
    },
  },
  {
    // From relu(x) the gradient is the same, and x need not be kept.
    name: 'gradient of relu',
    pattern: { operation: 'Mul', inputs: [{ as: 'gradient' }, STEP] },
    replacement: {
      operation: 'ReluGrad',
      inputs: ['gradient', { operation: 'Relu', of: 'x' }],
      attributes: { T: 'T' },
    },
  },
];

/** Applies the rules wherever they fit. */
export function applyRewrites(graph: Graph): Graph {
  return applyRules(graph, RULES);
}
