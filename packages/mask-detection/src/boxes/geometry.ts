/**
 * Boxes are x₁ y₁ x₂ y₂ in pixels, edges of [x₁, x₂) × [y₁, y₂), along the last axis.
 *
 * B pictures, N and M boxes.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Limit of the logarithm of a change of size: 1000 / 16, as Detectron has it, so that no exponential overflows. */
const MAX_LOG_SCALE = Math.log(1000 / 16);

/** How much each of Δx, Δy, log w and log h is multiplied by when a box is coded. */
export type CodeWeights = readonly [x: number, y: number, width: number, height: number];

type Quadruple = readonly [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

function columns(boxes: tf.Tensor): Quadruple {
  return tf.unstack(boxes, boxes.rank - 1) as unknown as Quadruple;
}

/** Area of boxes: [..., 4] → [...]. */
export function areas(boxes: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [left, top, right, bottom] = columns(boxes);
    return tf.mul(tf.sub(right, left), tf.sub(bottom, top));
  });
}

/**
 * Intersection over union of each box with each other one: [..., N, 4] and [..., M, 4] → [..., N, M]. It is 0 where both
 * are empty.
 */
export function overlaps(boxes: tf.Tensor, others: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [left, top, right, bottom] = columns(tf.expandDims(boxes, -2)); // [..., N, 1]
    const [otherLeft, otherTop, otherRight, otherBottom] = columns(tf.expandDims(others, -3)); // [..., 1, M]
    const width = tf.relu(tf.sub(tf.minimum(right, otherRight), tf.maximum(left, otherLeft))); // [..., N, M]
    const height = tf.relu(tf.sub(tf.minimum(bottom, otherBottom), tf.maximum(top, otherTop)));
    const shared = tf.mul(width, height);
    const both = tf.add(tf.expandDims(areas(boxes), -1), tf.expandDims(areas(others), -2));
    const union = tf.sub(both, shared);
    return tf.div(shared, tf.where(tf.greater(union, 0), union, 1));
  });
}

/** Boxes cut at the edges of their picture. @param sizes height and width of each picture, [B, 2] */
export function clipBoxes(boxes: tf.Tensor, sizes: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const limits = tf.expandDims(tf.gather(sizes, tf.tensor1d([1, 0, 1, 0], 'int32'), 1), 1); // [B, 1, 4]
    return tf.minimum(tf.relu(boxes), limits);
  });
}

/** Whether both sides of a box are at least so long: [..., 4] → bool [...]. */
export function areAtLeast(boxes: tf.Tensor, side: number): tf.Tensor {
  return tf.tidy(() => {
    const [left, top, right, bottom] = columns(boxes);
    return tf.greaterEqual(tf.minimum(tf.sub(right, left), tf.sub(bottom, top)), side);
  });
}

/** Centers and sizes. */
function placesOf(boxes: tf.Tensor): Quadruple {
  const [left, top, right, bottom] = columns(boxes);
  const [width, height] = [tf.sub(right, left), tf.sub(bottom, top)];
  return [tf.add(left, tf.mul(width, 0.5)), tf.add(top, tf.mul(height, 0.5)), width, height];
}

/**
 * Codes of boxes relative to references (Ren et al., 2015, equation 2), [..., 4] both: differences of the centers as
 * shares of the reference's size, and logarithms of the ratios of the sizes.
 */
export function encodeBoxes(boxes: tf.Tensor, references: tf.Tensor, weights: CodeWeights): tf.Tensor {
  return tf.tidy(() => {
    const [x, y, width, height] = placesOf(boxes);
    const [fromX, fromY, fromWidth, fromHeight] = placesOf(references);
    const codes = [
      tf.div(tf.sub(x, fromX), fromWidth),
      tf.div(tf.sub(y, fromY), fromHeight),
      tf.log(tf.div(width, fromWidth)),
      tf.log(tf.div(height, fromHeight)),
    ];
    return tf.mul(tf.stack(codes, boxes.rank - 1), tf.tensor1d([...weights]));
  });
}

/** Boxes of codes, the inverse of `encodeBoxes`: [..., 4] and references that broadcast to it → [..., 4]. */
export function decodeBoxes(codes: tf.Tensor, references: tf.Tensor, weights: CodeWeights): tf.Tensor {
  return tf.tidy(() => {
    const [dx, dy, dw, dh] = columns(tf.div(codes, tf.tensor1d([...weights])));
    const [fromX, fromY, fromWidth, fromHeight] = placesOf(references);
    const [x, y] = [tf.add(tf.mul(dx, fromWidth), fromX), tf.add(tf.mul(dy, fromHeight), fromY)];
    const half = (change: tf.Tensor, size: tf.Tensor) =>
      tf.mul(tf.mul(tf.exp(tf.minimum(change, MAX_LOG_SCALE)), size), 0.5);
    const [halfWidth, halfHeight] = [half(dw, fromWidth), half(dh, fromHeight)];
    const edges = [tf.sub(x, halfWidth), tf.sub(y, halfHeight), tf.add(x, halfWidth), tf.add(y, halfHeight)];
    return tf.stack(edges, codes.rank - 1);
  });
}
