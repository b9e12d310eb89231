import * as tf from '@tensorflow/tfjs-core';
import { overlaps } from './geometry.ts';

/**
 * Relative distance to an object's largest overlap within which another anchor's is as large: rounding differs between
 * places of a compiled program.
 */
const TIE = 1e-6;

/** Thresholds of the overlap (intersection over union). */
export interface AssignmentOptions {
  /** From here on, a candidate is an object. */
  readonly foreground: number;
  /** Below, it is background; between both it is neither. */
  readonly background: number;
  /** Whether each object also gets the candidates that overlap it most, however little (Ren et al., section 3.1.2). */
  readonly keepsBest: boolean;
}

/** Class and box of each candidate. */
export interface Assignment {
  /** Class of the object, 0 for background, -1 for neither, int32 [B, N]. */
  readonly labels: tf.Tensor;
  /** Box of the object that overlaps most, [B, N, 4]. */
  readonly boxes: tf.Tensor;
}

/**
 * Assigns candidates to objects by overlap (Ren et al., 2015, section 3.1.2; Girshick, 2015, section 2.3). An object that
 * overlaps no candidate gets none.
 *
 * B pictures, G objects, N candidates.
 * @param candidates [N, 4] or [B, N, 4]
 * @param objects boxes [B, G, 4]
 * @param classes int32 [B, G], from 1; 0 fills up
 */
export function assign(
  candidates: tf.Tensor,
  objects: tf.Tensor,
  classes: tf.Tensor,
  { foreground, background, keepsBest }: AssignmentOptions,
): Assignment {
  const quality = tf.mul(overlaps(objects, candidates), tf.cast(tf.expandDims(tf.greater(classes, 0), 2), 'float32')); // [B, G, N]
  const most = tf.max(quality, 1); // [B, N]
  const matches = tf.argMax(quality, 1);
  let isObject = tf.greaterEqual(most, foreground);
  if (keepsBest) {
    const best = tf.max(quality, 2, true); // [B, G, 1]
    const isBest = tf.logicalAnd(tf.greaterEqual(quality, tf.mul(best, 1 - TIE)), tf.greater(best, 0));
    isObject = tf.logicalOr(isObject, tf.any(isBest, 1));
  }
  const isBackground = tf.less(most, background);
  const found = tf.gather(classes, matches, 1, 1); // [B, N]
  const others = tf.sub(tf.cast(isBackground, 'int32'), tf.scalar(1, 'int32')); // 0 or -1
  return {
    labels: tf.where(isObject, found, others),
    boxes: tf.gather(objects, matches, 1, 1),
  };
}
