import { whileLoop } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { overlaps } from './geometry.ts';

/**
 * Non-maximum suppression: of boxes that overlap more than `threshold`, the one with the higher score is kept. The greedy
 * choice is the fixed point of "a box is kept unless a kept box before it overlaps it", and each round of the loop settles
 * one more box at least.
 *
 * B lists, N boxes.
 * @param boxes by falling score, [B, N, 4]
 * @param isCandidate 1 for boxes to choose from, else 0, [B, N]
 * @param labels int32 [B, N]: boxes suppress those of their own label alone. Default: all others
 * @returns 1 for each kept box, else 0, [B, N]
 */
export function suppress(boxes: tf.Tensor, isCandidate: tf.Tensor, threshold: number, labels?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const count = boxes.shape[1]!;
    const places = tf.range(0, count, 1, 'int32');
    const isBefore = tf.less(tf.expandDims(places, 1), places); // [N, N]
    let meets = tf.logicalAnd(tf.greater(overlaps(boxes, boxes), threshold), isBefore); // [B, N, N]
    if (labels !== undefined)
      meets = tf.logicalAnd(meets, tf.equal(tf.expandDims(labels, 2), tf.expandDims(labels, 1)));
    const suppresses = tf.cast(meets, 'float32');
    const next = (kept: tf.Tensor): tf.Tensor => {
      const stronger = tf.squeeze(tf.matMul(tf.expandDims(kept, 1), suppresses), [1]); // [B, N]
      return tf.mul(isCandidate, tf.cast(tf.less(stronger, 0.5), 'float32'));
    };
    const { kept } = whileLoop(
      ({ kept: now, before }) => tf.any(tf.notEqual(now, before)),
      ({ kept: now }) => ({ kept: next(now), before: now }),
      { kept: next(isCandidate), before: tf.clone(isCandidate) },
    );
    return kept;
  });
}
