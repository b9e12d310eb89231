import { largest } from '@motley/run';
import type { KernelCase, KernelGrid, KernelGrids } from './case.ts';
import type { Draw } from './draw.ts';
import {
  forEachIndex,
  gridTensor,
  positionOf,
  sizeOf,
  stridesOf,
  type GridDtype,
  type GridNumbers,
  type GridTensor,
} from './tensor.ts';

/** Enough numbers that naive float32 sums lose a percent and more. */
const MANY = 2 ** 21 + 3;

/** Combines the numbers of a line: all that become one result. */
type Combine = (line: Float64Array, dtype: GridDtype) => number;

interface AxesAttributes {
  readonly axis?: number | readonly number[] | null;
  readonly reductionIndices?: number | readonly number[] | null;
  readonly keepDims?: boolean;
}

/** Places of the axes from the front. Without axes: all. */
function axesOf(axes: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axes === null || axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  return [axes].flat().map((axis) => (axis < 0 ? axis + rank : axis));
}

/** Combines the numbers along axes. */
function reduceAlong(x: GridNumbers, axes: readonly number[], dtype: GridDtype, combine: Combine): GridNumbers {
  const { shape } = x;
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const within = axes.toSorted((a, b) => a - b);
  const strides = stridesOf(shape);
  const [outer, inner] = [kept, within].map((list) => list.map((axis) => shape[axis]!)) as [number[], number[]];
  const [outerStrides, innerStrides] = [kept, within].map((list) => list.map((axis) => strides[axis]!)) as [
    number[],
    number[],
  ];
  const offsets = new Int32Array(sizeOf(inner));
  forEachIndex(inner, (index, position) => (offsets[position] = positionOf(index, innerStrides)));
  const values = new Float64Array(sizeOf(outer));
  const line = new Float64Array(offsets.length);
  forEachIndex(outer, (index, position) => {
    const start = positionOf(index, outerStrides);
    for (let place = 0; place < line.length; place++) line[place] = x.values[start + offsets[place]!]!;
    const value = combine(line, dtype);
    values[position] = dtype === 'int32' ? value | 0 : value;
  });
  return { shape: outer, dtype, values };
}

function keeping(result: GridTensor, shape: readonly number[], axes: readonly number[], keepDims = false): GridTensor {
  return keepDims ? { ...result, shape: shape.map((length, axis) => (axes.includes(axis) ? 1 : length)) } : result;
}

/** Axes to reduce: none, one or several, at times counted from the end. */
function drawAxes(draw: Draw, rank: number): number | number[] | null {
  if (rank === 0 || draw.rarely(6)) return null;
  const counted = (axis: number) => (draw.rarely(3) ? axis - rank : axis);
  if (draw.rarely(3)) return counted(draw.integer(0, rank - 1));
  return draw.permutation(rank).slice(0, draw.integer(1, rank)).map(counted);
}

interface ReductionOptions {
  readonly combine: Combine;
  readonly dtypes: readonly GridDtype[];
  /** Dtype of the result, where it is not that of the operand. */
  readonly result?: (dtype: GridDtype) => GridDtype;
  readonly axesName?: 'axis' | 'reductionIndices';
  readonly always?: () => readonly KernelCase[];
  /** Whether the numbers are near 1, so that their product is a number. */
  readonly isNearOne?: boolean;
}

function reduction({
  combine,
  dtypes,
  result,
  axesName = 'axis',
  always,
  isNearOne = false,
}: ReductionOptions): KernelGrid {
  return {
    draw: (draw) => {
      const shape = draw.shape(0, 5);
      const dtype = draw.choose(dtypes);
      const x = isNearOne ? nearOne(draw, shape, dtype) : draw.numbers(shape, dtype);
      return { inputs: { x }, attributes: { [axesName]: drawAxes(draw, shape.length), keepDims: draw.rarely(2) } };
    },
    ...(always === undefined ? {} : { always }),
    reference: ({ x }, { axis, reductionIndices, keepDims }: AxesAttributes) => {
      const axes = axesOf(axis ?? reductionIndices, x!.shape.length);
      const reduced = reduceAlong(x!, axes, result?.(x!.dtype) ?? x!.dtype, combine);
      return keeping(reduced, x!.shape, axes, keepDims);
    },
    weight: 2,
  };
}

function nearOne(draw: Draw, shape: readonly number[], dtype: GridDtype): GridNumbers {
  if (dtype === 'int32') return draw.integers(shape, 1, 2);
  return gridTensor(
    shape,
    dtype,
    Float64Array.from(draw.floats(shape).values, (value) => 1 + value / 16),
  );
}

const sumOf: Combine = (line) => line.reduce((sum, value) => sum + value, 0);
const NUMERIC = ['float32', 'float32', 'int32'] as const;
const WITH_BOOLEANS = ['float32', 'float32', 'int32', 'bool'] as const;

/** Millions of numbers: all of them in one sum, the rows of a long matrix, and its columns. */
const many = (axesName: 'axis' | 'reductionIndices') => (): KernelCase[] => {
  const values = Float32Array.from({ length: MANY }, (_, index) => 0.1 + (index % 7) / 64);
  return [
    { inputs: { x: gridTensor([MANY], 'float32', values) }, attributes: { [axesName]: [0], keepDims: false } },
    ...[0, 1].map((axis) => {
      const shape = [2 ** 11, 2 ** 9 + 1];
      const x = gridTensor(shape, 'float32', values.subarray(0, sizeOf(shape)));
      return { inputs: { x }, attributes: { [axesName]: [axis], keepDims: false } };
    }),
  ];
};

function along(name: 'Cumsum' | 'Cumprod'): KernelGrid {
  return {
    draw: (draw) => {
      const shape = draw.filledShape(1, 4);
      const dtype = draw.choose(['float32', 'float32', 'int32'] as const);
      const x = name === 'Cumprod' ? nearOne(draw, shape, dtype) : draw.numbers(shape, dtype);
      const axis = draw.integer(-shape.length, shape.length - 1);
      return { inputs: { x }, attributes: { axis, exclusive: draw.rarely(2), reverse: draw.rarely(2) } };
    },
    reference: ({ x }, { axis, exclusive, reverse }: { axis: number; exclusive: boolean; reverse: boolean }) => {
      const { shape } = x!;
      const strides = stridesOf(shape);
      const place = axis < 0 ? axis + shape.length : axis;
      const values = new Float64Array(sizeOf(shape));
      const [length, stride] = [shape[place]!, strides[place]!];
      forEachIndex(shape, (index, position) => {
        let total = name === 'Cumsum' ? 0 : 1;
        for (let other = 0; other < length; other++) {
          const distance = reverse ? other - index[place]! : index[place]! - other;
          if (distance < 0 || (exclusive && distance === 0)) continue;
          const value = x!.values[position + (other - index[place]!) * stride]!;
          total = name === 'Cumsum' ? total + value : total * value;
        }
        values[position] = total;
      });
      return { shape, dtype: x!.dtype, values };
    },
    weight: 2,
  };
}

function placeOf(isBetter: (a: number, b: number) => boolean): KernelGrid {
  return {
    draw: (draw) => {
      const shape = draw.filledShape(1, 4);
      if (draw.rarely(8)) shape[0] = shape.length > 1 ? 0 : 1;
      const axis = draw.integer(shape.length > 1 ? 1 : 0, shape.length - 1);
      const x = draw.choose([() => draw.floats(shape), () => draw.integers(shape), () => draw.distinct(shape)])();
      return { inputs: { x }, attributes: { axis: draw.rarely(3) ? axis - shape.length : axis } };
    },
    always: () => [{ inputs: { x: gridTensor([0, 3, 2], 'float32', []) }, attributes: { axis: 1 } }],
    reference: ({ x }, { axis }: { axis: number }) =>
      reduceAlong(x!, axesOf(axis, x!.shape.length), 'int32', (line) =>
        line.reduce<number>((best, value, place) => (isBetter(value, line[best]!) ? place : best), 0),
      ),
  };
}

export const reductionKernels: KernelGrids = {
  Sum: reduction({ combine: sumOf, dtypes: NUMERIC, always: many('axis') }),
  Mean: reduction({
    combine: (line, dtype) => sumOf(line, dtype) / line.length,
    dtypes: WITH_BOOLEANS,
    result: () => 'float32',
    always: many('axis'),
  }),
  Prod: reduction({
    combine: (line) => line.reduce((product, value) => product * value, 1),
    dtypes: NUMERIC,
    isNearOne: true,
  }),
  Max: reduction({
    combine: (line, dtype) =>
      line.reduce((most, value) => Math.max(most, value), dtype === 'int32' ? -(2 ** 31) : -Infinity),
    dtypes: NUMERIC,
    axesName: 'reductionIndices',
    always: many('reductionIndices'),
  }),
  Min: reduction({
    combine: (line, dtype) =>
      line.reduce((least, value) => Math.min(least, value), dtype === 'int32' ? 2 ** 31 - 1 : Infinity),
    dtypes: NUMERIC,
  }),
  All: reduction({ combine: (line) => Number(line.every((value) => value !== 0)), dtypes: ['bool'] }),
  Any: reduction({ combine: (line) => Number(line.some((value) => value !== 0)), dtypes: ['bool'] }),
  ArgMax: placeOf((a, b) => a > b),
  ArgMin: placeOf((a, b) => a < b),
  Cumsum: along('Cumsum'),
  Cumprod: along('Cumprod'),
  Softmax: {
    draw: (draw) => {
      const shape = draw.filledShape(1, 4);
      const logits = draw.choose([draw.floats(shape), draw.floats(shape, true)]);
      return { inputs: { logits }, attributes: { dim: shape.length - 1 } };
    },
    always: () => [
      { inputs: { logits: gridTensor([0, 3], 'float32', []) }, attributes: { dim: 1 } },
      { inputs: { logits: gridTensor([2, 0], 'float32', []) }, attributes: { dim: 1 } },
      {
        inputs: { logits: gridTensor([2, 2], 'float32', [-Infinity, 0, -Infinity, -Infinity]) },
        attributes: { dim: 1 },
      },
    ],
    reference: ({ logits }) => {
      const { shape, values } = logits!;
      const count = shape.at(-1)!;
      const result = new Float64Array(values.length);
      for (let start = 0; start < values.length; start += count) {
        const row = Array.from({ length: count }, (_, index) => values[start + index]!);
        const most = largest(row);
        const powers = row.map((value) => Math.exp(value - most));
        const total = powers.reduce((sum, each) => sum + each, 0);
        powers.forEach((each, index) => (result[start + index] = each / total));
      }
      return { shape, dtype: 'float32', values: result };
    },
  },
};
