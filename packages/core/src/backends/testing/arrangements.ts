import * as tf from '@tensorflow/tfjs-core';
import { differentiable, type Cases } from './case.ts';

const matrix = [2, 3];
const cube = [2, 3, 2];
const image = [1, 3, 4, 2];

/** Operations that move elements without changing them. */
export const arrangements: Cases = {
  batchToSpaceND: differentiable([[4, 2, 2, 1]], (x) =>
    tf.batchToSpaceND(
      x,
      [2, 2],
      [
        [0, 0],
        [0, 1],
      ],
    ),
  ),
  broadcastTo: differentiable([[1, 3]], (x) => tf.broadcastTo(x, [2, 2, 3])),
  concat: differentiable([matrix, [2, 2]], (a, b) => tf.concat([a, b], 1)),
  depthToSpace: differentiable([[1, 2, 1, 8]], (x) => tf.depthToSpace(x as tf.Tensor4D, 2)),
  expandDims: differentiable([matrix], (x) => tf.expandDims(x, 1)),
  gather: differentiable([cube], (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1)),
  'gather, a batch of rows': differentiable([cube], (x) =>
    tf.gather(x, tf.tensor2d([2, 0, 2, 1, 1, 1], [2, 3], 'int32'), 1, 1),
  ),
  gatherND: differentiable([matrix], (x) => tf.gatherND(x, tf.tensor2d([1, 2, 0, 0, 1, 2], [3, 2], 'int32'))),
  'mirrorPad, reflected': differentiable([image], (x) => tf.mirrorPad(x, around(1, 2), 'reflect')),
  'mirrorPad, symmetric': differentiable([image], (x) => tf.mirrorPad(x, around(2, 1), 'symmetric')),
  pad: differentiable([matrix], (x) =>
    tf.pad(
      x,
      [
        [1, 0],
        [0, 2],
      ],
      0.5,
    ),
  ),
  reshape: differentiable([matrix], (x) => tf.reshape(x, [3, 2])),
  reverse: differentiable([cube], (x) => tf.reverse(x, [0, 2])),
  scatterND: differentiable([[3, 2]], (x) => tf.scatterND(tf.tensor2d([3, 0, 3], [3, 1], 'int32'), x, [4, 2])),
  slice: differentiable([cube], (x) => tf.slice(x, [0, 1, 1], [2, 2, 1])),
  spaceToBatchND: differentiable([[1, 4, 3, 1]], (x) =>
    tf.spaceToBatchND(
      x,
      [2, 2],
      [
        [0, 0],
        [1, 0],
      ],
    ),
  ),
  split: differentiable([[2, 6]], (x) => tf.split(x, [1, 2, 3], 1)),
  'split into one': differentiable([matrix], (x) => tf.split(x, 1, 1)),
  squeeze: differentiable([[2, 1, 3]], (x) => tf.squeeze(x, [1])),
  stack: differentiable([matrix, matrix], (a, b) => tf.stack([a, b], 1)),
  stridedSlice: differentiable([[5, 4]], (x) => tf.stridedSlice(x, [4, 0], [0, 4], [-2, 3])),
  tile: differentiable([cube], (x) => tf.tile(x, [2, 1, 3])),
  'tile, five axes': differentiable([[1, 2, 1, 2, 1]], (x) => tf.tile(x, [2, 1, 2, 2, 1])),
  transpose: differentiable([cube], (x) => tf.transpose(x, [2, 0, 1])),
  unsortedSegmentSum: differentiable([[4, 2]], (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1, 3], 'int32'), 4)),
  unstack: differentiable([cube], (x) => tf.unstack(x, 1)),
  'unstack into one': differentiable([[1, 3]], (x) => tf.unstack(x)),
};

function around(rows: number, columns: number): [number, number][] {
  return [
    [0, 0],
    [rows, rows],
    [columns, columns],
    [0, 0],
  ];
}
