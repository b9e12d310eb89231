import { activate, drawActivation, type Activation } from './activations.ts';
import type { KernelGrids } from './case.ts';
import type { Draw } from './draw.ts';
import { forEachIndex, positionOf, sizeOf, stridesOf, type GridNumbers } from './tensor.ts';

interface ProductAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Two stacks of matrices; either may be one matrix for all of the other's. */
function drawMatrices(draw: Draw) {
  const [rows, inner, columns] = [draw.length(), draw.length(), draw.choose([1, 2, 3, 4, 5, 8, 9])];
  const [transposeA, transposeB] = [draw.rarely(2), draw.rarely(2)];
  const count = draw.integer(1, 3);
  const countOf = () => (draw.rarely(3) ? 1 : count);
  const a = [countOf(), ...(transposeA ? [inner, rows] : [rows, inner])];
  const b = [countOf(), ...(transposeB ? [columns, inner] : [inner, columns])];
  return {
    inputs: { a: draw.floats(a), b: draw.floats(b) },
    attributes: { transposeA, transposeB },
    columns,
  };
}

function multiply(a: GridNumbers, b: GridNumbers, { transposeA, transposeB }: ProductAttributes): GridNumbers {
  const [rows, inner] = transposeA ? [a.shape[2]!, a.shape[1]!] : [a.shape[1]!, a.shape[2]!];
  const columns = transposeB ? b.shape[1]! : b.shape[2]!;
  const shape = [Math.max(a.shape[0]!, b.shape[0]!), rows, columns];
  const values = new Float64Array(sizeOf(shape));
  const [stridesA, stridesB] = [stridesOf(a.shape), stridesOf(b.shape)];
  forEachIndex(shape, ([item, row, column], position) => {
    for (let place = 0; place < inner; place++) {
      const left = [item! % a.shape[0]!, ...(transposeA ? [place, row!] : [row!, place])];
      const right = [item! % b.shape[0]!, ...(transposeB ? [column!, place] : [place, column!])];
      values[position]! += a.values[positionOf(left, stridesA)]! * b.values[positionOf(right, stridesB)]!;
    }
  });
  return { shape, dtype: 'float32', values };
}

/** Equations of one and two operands. */
const EQUATIONS = [
  'ij,jk->ik',
  'bij,bjk->bik',
  'bij,jk->bik',
  'ij,ij->',
  'ij,kj->ik',
  'ij->ji',
  'ijk->ki',
  'ijk,kl->li',
  'i,j->ij',
  'ij->',
];

function einsum(equation: string, operands: readonly GridNumbers[]): GridNumbers {
  const [left, right] = equation.split('->') as [string, string];
  const lengths = new Map<string, number>();
  const terms = left.split(',');
  terms.forEach((term, operand) => {
    Array.from(term).forEach((letter, axis) => lengths.set(letter, operands[operand]!.shape[axis]!));
  });
  const letters = [...lengths.keys()];
  const shape = Array.from(right).map((letter) => lengths.get(letter)!);
  const values = new Float64Array(sizeOf(shape));
  const placeOf = (term: string, index: readonly number[], within: readonly number[]) =>
    positionOf(
      Array.from(term).map((letter) => index[letters.indexOf(letter)]!),
      stridesOf(within),
    );
  forEachIndex([...lengths.values()], (index) => {
    const product = terms.reduce(
      (sofar, term, operand) => sofar * operands[operand]!.values[placeOf(term, index, operands[operand]!.shape)]!,
      1,
    );
    values[placeOf(right, index, shape)]! += product;
  });
  return { shape, dtype: 'float32', values };
}

export const productKernels: KernelGrids = {
  BatchMatMul: {
    draw: (draw) => {
      const { inputs, attributes } = drawMatrices(draw);
      return { inputs, attributes };
    },
    reference: ({ a, b }, attributes) => multiply(a!, b!, attributes),
    weight: 3,
  },
  _FusedMatMul: {
    draw: (draw) => {
      const { inputs, attributes, columns } = drawMatrices(draw);
      const fused = drawActivation(draw, columns);
      return { inputs: { ...inputs, ...fused.inputs }, attributes: { ...attributes, ...fused.attributes } };
    },
    reference: ({ a, b, bias, preluActivationWeights }, attributes: ProductAttributes & Activation) =>
      activate(multiply(a!, b!, attributes), bias, preluActivationWeights, attributes),
    weight: 3,
  },
  Einsum: {
    draw: (draw) => {
      const equation = draw.choose(EQUATIONS);
      const lengths = new Map(Array.from('bijkl', (letter) => [letter, draw.integer(1, 5)] as const));
      const inputs = equation
        .split('->')[0]!
        .split(',')
        .map((term) => draw.floats(Array.from(term).map((letter) => lengths.get(letter)!)));
      return { inputs, attributes: { equation } };
    },
    reference: (inputs, { equation }: { equation: string }) => einsum(equation, Object.values(inputs)),
  },
  FusedBatchNorm: {
    draw: (draw) => {
      const shape = draw.filledShape(2, 4);
      const channels = [shape.at(-1)!];
      const variance = draw.floats(channels);
      return {
        inputs: {
          x: draw.floats(shape),
          mean: draw.floats(channels),
          variance: { ...variance, values: Float32Array.from(variance.values, (value) => Math.abs(value) + 0.25) },
          ...(draw.rarely(2) ? { offset: draw.floats(channels) } : {}),
          ...(draw.rarely(2) ? { scale: draw.floats(channels) } : {}),
        },
        attributes: { varianceEpsilon: 1e-3 },
      };
    },
    reference: ({ x, mean, variance, offset, scale }, { varianceEpsilon }: { varianceEpsilon: number }) => {
      const channels = x!.shape.at(-1)!;
      const values = Float64Array.from(x!.values, (value, index) => {
        const channel = index % channels;
        const standard = (value - mean!.values[channel]!) / Math.sqrt(variance!.values[channel]! + varianceEpsilon);
        return standard * (scale?.values[channel] ?? 1) + (offset?.values[channel] ?? 0);
      });
      return { ...x!, values };
    },
  },
};
