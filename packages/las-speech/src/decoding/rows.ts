import type { TensorTree } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Log-probability of what cannot be: far below every real score, without overflow. */
export const IMPOSSIBLE = -1e30;

/** Scores below are impossible, even where a weight has scaled them or real scores were added. */
const LEAST_SCORE = -1e20;

/** Whether scores are those of something possible, bool of the same shape. */
export function isPossible(scores: tf.Tensor): tf.Tensor {
  return tf.greater(scores, LEAST_SCORE);
}

/** The same tree with the given rows of each of its tensors, [R, …]. @param rows int32 [N] */
export function gathered<Tree extends TensorTree>(tree: Tree, rows: tf.Tensor): Tree {
  const walk = (part: TensorTree): TensorTree => {
    if (part instanceof tf.Tensor) return tf.gather(part, rows);
    if (Array.isArray(part)) return (part as readonly TensorTree[]).map(walk);
    return Object.fromEntries(Object.entries(part).map(([name, child]) => [name, walk(child)]));
  };
  return walk(tree) as Tree;
}

/** Each row of a tensor [B, …] `count` times in succession: [B count, …]. */
export function repeatedRows(tensor: tf.Tensor, count: number): tf.Tensor {
  if (count === 1) return tensor;
  const [batch, ...rest] = tensor.shape as [number, ...number[]];
  const tiled = tf.tile(tf.expandDims(tensor, 1), [1, count, ...rest.map(() => 1)]);
  return tf.reshape(tiled, [batch * count, ...rest]);
}

/** Flat places b · stride + p of places p in the row of sentence b: int32 [B, N] → [B N]. */
export function flatPlaces(places: tf.Tensor, stride: number): tf.Tensor {
  const [batch] = places.shape as [number];
  const firsts = tf.range(0, batch * stride, stride, 'int32');
  return tf.reshape(tf.add(places, tf.expandDims(firsts, 1)), [-1]);
}
