import * as tf from '@tensorflow/tfjs-core';
import { areas } from './geometry.ts';

/** A feature map [B, H, W, C], whose cells are `stride` pixels apart. */
export interface FeatureLevel {
  readonly features: tf.Tensor;
  readonly stride: number;
}

/** Cells along a side of a square of features. */
export const SQUARE_SIDE = 7;
/** Points in each direction whose mean is a cell. */
const SAMPLES = 2;
/** A box of this size, in pixels, is looked at on level 4, whose stride is 16 (Lin et al., 2017, equation 1). */
const CANONICAL_SIZE = 224;
const CANONICAL_LEVEL = 4;

/** Level of each box (Lin et al., 2017, equation 1), as a place in the list: [B, R, 4] → int32 [B, R]. */
function levelsOf(boxes: tf.Tensor, levels: readonly FeatureLevel[]): tf.Tensor {
  const size = tf.sqrt(tf.maximum(areas(boxes), 1e-12));
  const exact = tf.add(tf.div(tf.log(tf.div(size, CANONICAL_SIZE)), Math.LN2), CANONICAL_LEVEL + 1e-6);
  const first = Math.log2(levels[0]!.stride);
  return tf.cast(tf.sub(tf.clipByValue(tf.floor(exact), first, first + levels.length - 1), first), 'int32');
}

/** Two neighboring cells of each point, and their weights: [B, R, points]. */
interface Neighbors {
  readonly places: readonly [low: tf.Tensor, high: tf.Tensor];
  readonly weights: readonly [low: tf.Tensor, high: tf.Tensor];
}

/**
 * Where the points of boxes lie in one direction of the map. Points more than a cell outside count 0, those nearer have
 * the value of the edge.
 *
 * @param from edge of each box, in cells, [B, R, 1]
 * @param size cells of the map in this direction, int32 [B, R, 1]
 */
function neighbors(from: tf.Tensor, to: tf.Tensor, size: tf.Tensor): Neighbors {
  const count = SQUARE_SIDE * SAMPLES;
  const shares = tf.tensor1d(Array.from({ length: count }, (_, index) => (index + 0.5) / count));
  const points = tf.add(from, tf.mul(tf.maximum(tf.sub(to, from), 1), shares)); // [B, R, points]
  const cells = tf.cast(size, 'float32');
  const isInside = tf.logicalAnd(tf.greaterEqual(points, -1), tf.lessEqual(points, cells));
  const inside = tf.cast(isInside, 'float32');
  const one = tf.scalar(1, 'int32');
  const last = tf.sub(size, one);
  const place = tf.minimum(tf.relu(points), tf.cast(last, 'float32'));
  const low = tf.floor(place);
  const fraction = tf.sub(place, low);
  const lowPlace = tf.cast(low, 'int32');
  return {
    places: [lowPlace, tf.minimum(tf.add(lowPlace, one), last)],
    weights: [tf.mul(tf.sub(1, fraction), inside), tf.mul(fraction, inside)],
  };
}

/**
 * RoI align over the levels of a pyramid (He et al., "Mask R-CNN", 2017, section 3; Lin et al., 2017, section 4.2): each
 * cell of a square is the mean of 2 × 2 values, interpolated between the features around a point. The center of the first
 * feature is at 0, torchvision's `aligned=False`. Gradients flow to the features alone.
 *
 * B pictures, R boxes in each, C channels.
 * @param boxes in pixels, [B, R, 4]
 * @returns [B R, 7, 7, C]
 */
export function roiAlign(levels: readonly FeatureLevel[], boxes: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [batch, count] = boxes.shape as [number, number];
    const channels = levels[0]!.features.shape[3]!;
    const cells = levels.map(({ features }) => features.shape[1]! * features.shape[2]!);
    const values = tf.concat(levels.map(({ features }) => tf.reshape(features, [-1, channels]))); // all cells of all levels
    const level = levelsOf(boxes, levels);
    const ofLevel = (numbers: readonly number[], dtype: 'int32' | 'float32' = 'int32') =>
      tf.expandDims(tf.gather(tf.tensor1d([...numbers], dtype), level), 2); // [B, R, 1]
    const starts = ofLevel(cells.map((_, place) => batch * cells.slice(0, place).reduce((sum, each) => sum + each, 0)));
    const pictures = tf.reshape(tf.range(0, batch, 1, 'int32'), [-1, 1, 1]);
    const first = tf.add(starts, tf.mul(pictures, ofLevel(cells)));
    const widths = ofLevel(levels.map(({ features }) => features.shape[2]!));
    const heights = ofLevel(levels.map(({ features }) => features.shape[1]!));
    const scales = ofLevel(
      levels.map(({ stride }) => 1 / stride),
      'float32',
    );
    const [left, top, right, bottom] = tf.split<tf.Tensor>(tf.mul(boxes, scales), 4, 2);
    const rows = neighbors(top!, bottom!, heights);
    const columns = neighbors(left!, right!, widths);
    const corners = rows.places.flatMap((row, down) =>
      columns.places.map((column, across) => {
        const place = tf.add(
          tf.expandDims(tf.add(first, tf.mul(row, widths)), 3), // [B, R, points, 1]
          tf.expandDims(column, 2), // [B, R, 1, points]
        );
        const weight = tf.mul(tf.expandDims(rows.weights[down]!, 3), tf.expandDims(columns.weights[across]!, 2));
        return tf.mul(tf.gather(values, tf.reshape(place, [-1])), tf.reshape(weight, [-1, 1])); // [B R points², C]
      }),
    );
    const points = tf.reshape(tf.addN(corners), [
      batch * count,
      SQUARE_SIDE * SAMPLES,
      SQUARE_SIDE * SAMPLES,
      channels,
    ]);
    return tf.avgPool(points as tf.Tensor4D, SAMPLES, SAMPLES, 'valid');
  });
}
