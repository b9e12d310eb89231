import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  booleans,
  type Case,
  type Cases,
  differentiable,
  integers,
  reals,
  shapeAndAxes,
  shapeAndAxis,
  shapes,
  sizes,
  valuesOnly,
} from './cases.ts';

/** A shape with the start and the size of a slice of it. */
const slices = shapes(1, 4).chain((shape) =>
  fc
    .tuple(
      ...shape.map((size) => sizes(0, size - 1).chain((start) => fc.tuple(fc.constant(start), sizes(1, size - start)))),
    )
    .map((ranges) => ({ shape, begin: ranges.map(([start]) => start), size: ranges.map(([, length]) => length) })),
);

/** A shape and a pair of paddings for each axis. */
const paddings = (limit: (size: number) => number, minimumRank = 1) =>
  shapes(minimumRank, 4).chain((shape) =>
    fc
      .tuple(...shape.map((size) => fc.tuple(sizes(0, limit(size)), sizes(0, limit(size)))))
      .map((pairs) => ({ shape, pairs: pairs })),
  );

/** Indices of `size` elements along the axis of a tensor. */
const taken = shapeAndAxis().chain(({ shape, axis }) =>
  shapes(0, 2).map((indices) => ({ shape, axis, indices: integers(indices, 0, shape[axis]! - 1) })),
);

const permutations = shapes(1, 4).chain((shape) => {
  const axes = shape.map((_, axis) => axis);
  return fc.shuffledSubarray(axes, { minLength: axes.length }).map((permutation) => ({ shape, permutation }));
});

const reshaped = permutations.map(({ shape, permutation }): Case => {
  const target = permutation.map((axis) => shape[axis]!);
  return differentiable([reals(shape)], (x) => tf.reshape(x, target));
});

const concatenated = shapeAndAxis().chain(({ shape, axis }) =>
  fc.array(sizes(1, 3), { minLength: 1, maxLength: 4 }).map((lengths) => {
    const inputs = lengths.map((length) => reals(shape.map((size, each) => (each === axis ? length : size))));
    return differentiable(inputs, (...tensors) => tf.concat(tensors, axis));
  }),
);

const tiled = shapes(1, 3).chain((shape) =>
  fc
    .tuple(...shape.map(() => sizes(1, 3)))
    .map((repetitions) => differentiable([reals(shape)], (x) => tf.tile(x, repetitions))),
);

const strided = slices.chain(({ shape, begin, size }) =>
  fc.tuple(...shape.map(() => sizes(1, 2))).map((strides) => {
    const end = begin.map((start, axis) => start + size[axis]!);
    return valuesOnly([reals(shape)], (x) => tf.stridedSlice(x, begin, end, strides));
  }),
);

/** Operations that move elements and do not change them. */
export const arrangements: Cases = {
  batchToSpaceND: fc.tuple(sizes(1, 2), sizes(1, 3), sizes(1, 2)).map(([block, size, channels]) =>
    differentiable([reals([block * 2 * 2, size, size, channels])], (x) =>
      tf.batchToSpaceND(
        x,
        [block, 2],
        [
          [0, 0],
          [0, 1],
        ],
      ),
    ),
  ),
  broadcastTo: shapes(1, 4).map((shape) => {
    const narrow = shape.map((size, axis) => (axis % 2 === 0 ? 1 : size));
    return differentiable([reals(narrow)], (x) => tf.broadcastTo(x, shape));
  }),
  concat: concatenated,
  depthToSpace: fc
    .tuple(sizes(2, 3), sizes(1, 3))
    .map(([block, size]) =>
      valuesOnly([reals([1, size, size, block * block * 2])], (x) => tf.depthToSpace(x as tf.Tensor4D, block, 'NHWC')),
    ),
  diag: shapes(1, 2).map((shape) => valuesOnly([reals(shape)], (x) => tf.diag(x))),
  expandDims: shapeAndAxis().map(({ shape, axis }) => differentiable([reals(shape)], (x) => tf.expandDims(x, axis))),
  gather: taken.map(({ shape, axis, indices }) =>
    differentiable([reals(shape), indices], (x, positions) => tf.gather(x, tf.cast(positions, 'int32'), axis)),
  ),
  gatherND: shapes(2, 3).map((shape) =>
    valuesOnly([reals(shape), integers([3, 2], 0, Math.min(shape[0]!, shape[1]!) - 1)], (x, positions) =>
      tf.gatherND(x, positions),
    ),
  ),
  mirrorPad: fc
    .tuple(
      paddings((size) => size - 1),
      fc.constantFrom('reflect' as const, 'symmetric' as const),
    )
    .map(([{ shape, pairs }, mode]) => valuesOnly([reals(shape)], (x) => tf.mirrorPad(x, pairs, mode))),
  oneHot: fc
    .tuple(shapes(0, 3), sizes(2, 5))
    .map(([shape, depth]) => valuesOnly([integers(shape, 0, depth - 1)], (x) => tf.oneHot(x, depth, 0.9, 0.1))),
  pad: paddings(() => 2).map(({ shape, pairs }) => differentiable([reals(shape)], (x) => tf.pad(x, pairs, 0.5))),
  reshape: reshaped,
  reverse: shapeAndAxes().map(({ shape, axes }) => differentiable([reals(shape)], (x) => tf.reverse(x, axes))),
  scatterND: shapes(1, 2).map((rest) =>
    valuesOnly([integers([4, 1], 0, 5), reals([4, ...rest])], (indices, updates) =>
      tf.scatterND(indices, updates, [6, ...rest]),
    ),
  ),
  searchSorted: fc
    .tuple(sizes(1, 3), sizes(1, 6), sizes(1, 4), fc.constantFrom('left' as const, 'right' as const))
    .map(([rows, length, count, side]) =>
      valuesOnly([reals([rows, length], 0, 1), reals([rows, count], 0, length)], (steps, values) =>
        tf.searchSorted(tf.cumsum(steps, 1), values, side),
      ),
    ),
  slice: slices.map(({ shape, begin, size }) => differentiable([reals(shape)], (x) => tf.slice(x, begin, size))),
  'slice bool': slices.map(({ shape, begin, size }) => valuesOnly([booleans(shape)], (x) => tf.slice(x, begin, size))),
  spaceToBatchND: fc.tuple(sizes(1, 3), sizes(1, 2)).map(([size, channels]) =>
    differentiable([reals([2, size * 2, size * 2 - 1, channels])], (x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [1, 0],
        ],
      ),
    ),
  ),
  sparseToDense: sizes(1, 4).map((count) =>
    valuesOnly([reals([count])], (values) =>
      tf.sparseToDense(tf.range(0, count, 1, 'int32'), values as tf.Tensor1D, [6], tf.scalar(0.5)),
    ),
  ),
  split: fc
    .tuple(shapeAndAxis(), sizes(2, 3)) // tfjs's gradient fails for a single part
    .map(([{ shape, axis }, parts]) =>
      differentiable([reals(shape.map((size, each) => (each === axis ? size * parts : size)))], (x) =>
        tf.split(x, parts, axis),
      ),
    ),
  squeeze: shapeAndAxis().map(({ shape, axis }) =>
    differentiable([reals(shape.map((size, each) => (each === axis ? 1 : size)))], (x) => tf.squeeze(x, [axis])),
  ),
  stack: fc.tuple(shapeAndAxis(), sizes(1, 4)).map(([{ shape, axis }, count]) =>
    differentiable(
      Array.from({ length: count }, () => reals(shape)),
      (...tensors) => tf.stack(tensors, axis),
    ),
  ),
  stridedSlice: strided,
  tensorScatterUpdate: shapes(1, 2).map((rest) =>
    valuesOnly([reals([6, ...rest]), reals([2, ...rest])], (x, updates) =>
      tf.tensorScatterUpdate(x, tf.tensor2d([[4], [1]], [2, 1], 'int32'), updates),
    ),
  ),
  tile: tiled,
  transpose: permutations.map(({ shape, permutation }) =>
    differentiable([reals(shape)], (x) => tf.transpose(x, permutation)),
  ),
  unsortedSegmentSum: shapes(0, 2).map((rest) =>
    differentiable([reals([5, ...rest]), integers([5], 0, 3)], (x, segments) =>
      tf.unsortedSegmentSum(x, tf.cast(segments, 'int32') as tf.Tensor1D, 4),
    ),
  ),
  unstack: shapeAndAxis().map(({ shape, axis }) => {
    const atLeastTwo = shape.map((size, each) => (each === axis ? size + 1 : size));
    return differentiable([reals(atLeastTwo)], (x) => tf.unstack(x, axis));
  }),
};
