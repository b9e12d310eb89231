import type { KernelGrid, KernelGrids } from './case.ts';
import { any, blockIndex, taken } from './moving.ts';
import { forEachIndex, gridTensor, positionOf, sizeOf, stridesOf, type GridDtype } from './tensor.ts';

/** Kernels that read or write at indices, and that make tensors of numbers. */
export const indexingKernels: KernelGrids = {
  GatherV2: {
    draw: (draw) => {
      const shape = draw.filledShape(1, 4);
      const batchDims = draw.rarely(3) ? draw.integer(0, Math.min(2, shape.length - 1)) : 0;
      const axis = draw.integer(batchDims, shape.length - 1);
      const indices = draw.integers([...shape.slice(0, batchDims), ...draw.shape(0, 2)], 0, shape[axis]! - 1);
      return { inputs: { x: any(draw, shape), indices }, attributes: { axis, batchDims } };
    },
    reference: ({ x, indices }, { axis, batchDims }: { axis: number; batchDims: number }) => {
      const extra = indices!.shape.slice(batchDims);
      const shape = [...x!.shape.slice(0, axis), ...extra, ...x!.shape.slice(axis + 1)];
      return taken(x!, shape, (index) => {
        const place = [...index.slice(0, batchDims), ...index.slice(axis, axis + extra.length)];
        const found = indices!.values[positionOf(place, stridesOf(indices!.shape))]!;
        return [...index.slice(0, axis), found, ...index.slice(axis + extra.length)];
      });
    },
    weight: 3,
  },
  GatherNd: {
    draw: (draw) => {
      const shape = draw.filledShape(1, 4);
      const depth = draw.integer(1, shape.length);
      const rows = draw.shape(1, 2);
      const values = draw
        .list(sizeOf(rows), () => shape.slice(0, depth).map((length) => draw.integer(0, length - 1)))
        .flat();
      return { inputs: { params: any(draw, shape), indices: gridTensor([...rows, depth], 'int32', values) } };
    },
    reference: ({ params, indices }) => {
      const rows = indices!.shape.slice(0, -1);
      const depth = indices!.shape.at(-1)!;
      return taken(params!, [...rows, ...params!.shape.slice(depth)], (index) => {
        const start = positionOf(index.slice(0, rows.length), stridesOf(rows)) * depth;
        return [
          ...Array.from({ length: depth }, (_, axis) => indices!.values[start + axis]!),
          ...index.slice(rows.length),
        ];
      });
    },
  },
  ScatterNd: scatter('shape'),
  TensorScatterUpdate: scatter('tensor'),
  UnsortedSegmentSum: {
    draw: (draw) => {
      const shape = draw.shape(1, 3);
      const numSegments = draw.integer(1, 5);
      return {
        inputs: { x: draw.floats(shape), segmentIds: draw.integers([shape[0]!], 0, numSegments - 1) },
        attributes: { numSegments },
      };
    },
    reference: ({ x, segmentIds }, { numSegments }: { numSegments: number }) => {
      const shape = [numSegments, ...x!.shape.slice(1)];
      const values = new Float64Array(sizeOf(shape));
      forEachIndex(x!.shape, ([row, ...rest], position) => {
        values[positionOf([segmentIds!.values[row!]!, ...rest], stridesOf(shape))]! += x!.values[position]!;
      });
      return { shape, dtype: 'float32', values };
    },
  },
  OneHot: {
    draw: (draw) => {
      const dtype = draw.choose(['float32', 'int32'] as const);
      return {
        inputs: { indices: draw.integers(draw.shape(0, 2), -1, 5) },
        attributes: {
          depth: draw.integer(1, 5),
          onValue: dtype === 'int32' ? 3 : draw.choose([1, 0.75]),
          offValue: dtype === 'int32' ? -1 : draw.choose([0, -0.25]),
          dtype,
        },
      };
    },
    reference: (
      { indices },
      { depth, onValue, offValue, dtype }: { depth: number; onValue: number; offValue: number; dtype: GridDtype },
    ) => ({
      shape: [...indices!.shape, depth],
      dtype,
      values: Array.from(indices!.values).flatMap((hot) =>
        Array.from({ length: depth }, (_, place) => (place === hot ? onValue : offValue)),
      ),
    }),
  },
  BroadcastArgs: {
    draw: (draw) => {
      const [s0, s1] = draw.broadcastShapes();
      return { inputs: { s0: gridTensor([s0.length], 'int32', s0), s1: gridTensor([s1.length], 'int32', s1) } };
    },
    reference: ({ s0, s1 }) => {
      const [a, b] = [Array.from(s0!.values), Array.from(s1!.values)];
      const rank = Math.max(a.length, b.length);
      const [first, second] = [a, b].map((each) => [...Array<number>(rank - each.length).fill(1), ...each]) as [
        number[],
        number[],
      ];
      return gridTensor(
        [rank],
        'int32',
        first.map((length, axis) => (length === 1 ? second[axis]! : length)),
      );
    },
  },
  Fill: {
    draw: (draw) => ({
      inputs: {},
      attributes: { shape: draw.shape(), value: draw.integer(-3, 3), dtype: draw.choose(['float32', 'int32']) },
    }),
    reference: (_, { shape, value, dtype }: { shape: number[]; value: number; dtype: GridDtype }) => ({
      shape,
      dtype,
      values: new Float64Array(sizeOf(shape)).fill(value),
    }),
  },
  Range: {
    draw: (draw) => {
      const dtype = draw.choose(['float32', 'int32'] as const);
      const step = draw.choose(dtype === 'int32' ? [1, 2, -1, -3] : [1, 0.5, -0.25]);
      // TensorFlow.js counts down by itself where the step is 1.
      const [low, high] = [draw.integer(-4, 4), draw.integer(5, 9)];
      const isUp = step > 0 || draw.rarely(2);
      const [start, stop] = isUp ? [low, high] : [high, low];
      return { inputs: {}, attributes: { start, stop, step, dtype } };
    },
    reference: (_, { start, stop, step, dtype }: { start: number; stop: number; step: number; dtype: GridDtype }) => {
      const count = Math.max(0, Math.ceil((stop - start) / step));
      return { shape: [count], dtype, values: Array.from({ length: count }, (_unused, index) => start + index * step) };
    },
  },
  LinSpace: {
    draw: (draw) => ({
      inputs: {},
      attributes: { start: draw.integer(-4, 4), stop: draw.integer(5, 9), num: draw.integer(1, 9) },
    }),
    reference: (_, { start, stop, num }: { start: number; stop: number; num: number }) => ({
      shape: [num],
      dtype: 'float32',
      values: Array.from(
        { length: num },
        (_unused, index) => start + (num === 1 ? 0 : (index * (stop - start)) / (num - 1)),
      ),
    }),
  },
};

/** Rows of updates added to zeros of a shape, or put into a tensor. */
function scatter(kind: 'shape' | 'tensor'): KernelGrid {
  return {
    draw: (draw) => {
      const shape = draw.filledShape(1, 3);
      const depth = draw.integer(1, shape.length);
      const places = sizeOf(shape.slice(0, depth));
      const dtype = draw.choose(['float32', 'float32', 'int32'] as const);
      // A place is updated once: nothing says which of several updates stays.
      const chosen = draw.permutation(places).slice(0, draw.integer(0, Math.min(4, places)));
      const indices = chosen.flatMap((place) => blockIndex(shape.slice(0, depth), place));
      const numbers = (of: readonly number[]) => (dtype === 'int32' ? draw.integers(of) : draw.floats(of));
      const inputs = {
        indices: gridTensor([chosen.length, depth], 'int32', indices),
        updates: numbers([chosen.length, ...shape.slice(depth)]),
      };
      return kind === 'shape' ? { inputs, attributes: { shape } } : { inputs: { tensor: numbers(shape), ...inputs } };
    },
    reference: ({ tensor, indices, updates }, attributes: { shape?: number[] }) => {
      const shape = tensor?.shape ?? attributes.shape!;
      const depth = indices!.shape[1]!;
      const size = sizeOf(shape.slice(depth));
      const values = tensor === undefined ? new Float64Array(sizeOf(shape)) : Float64Array.from(tensor.values);
      for (let row = 0; row < indices!.shape[0]!; row++) {
        const place = Array.from({ length: depth }, (_, axis) => indices!.values[row * depth + axis]!);
        const start = positionOf(place, stridesOf(shape));
        for (let offset = 0; offset < size; offset++) {
          const update = updates!.values[row * size + offset]!;
          values[start + offset] = update;
        }
      }
      return { shape, dtype: updates!.dtype, values };
    },
  };
}
