import * as tf from '@tensorflow/tfjs-core';
import { imageBatches } from './batches.ts';
import { first, type Digits } from './data.ts';
import { imagesOf } from './image-figures.ts';
import { read } from './sample.ts';

/** Nearest training images that are looked at. */
const NEIGHBOURS = 5;
/** Training images that are searched at most: distances to all of them would take minutes. */
const SEARCHED = 20_000;
const QUERIES_AT_ONCE = 250;

/**
 * How far each image is from the training images, pixel by pixel: the mean distance to the nearest five of the first
 * 20,000. What finds anomalies without a model. [N]
 */
export async function distancesToNearest(training: Digits, digits: Digits): Promise<Float64Array> {
  const known = imagesOf(first(training, SEARCHED)); // [T, P]
  const norms = tf.tidy(() => tf.sum(tf.square(known), 1)); // [T]
  const distances = new Float64Array(digits.count);
  let done = 0;
  for await (const { images } of imageBatches(digits, QUERIES_AT_ONCE).batches(0)) {
    const nearest = tf.tidy(() => {
      const products = tf.matMul(images, known, false, true); // [N, T]
      const squares = tf.add(tf.sub(norms, tf.mul(products, 2)), tf.sum(tf.square(images), 1, true));
      const { values } = tf.topk(tf.neg(squares), Math.min(NEIGHBOURS, known.shape[0]));
      return tf.mean(tf.sqrt(tf.relu(tf.neg(values))), 1);
    });
    images.dispose();
    distances.set(await read(nearest), done);
    done += QUERIES_AT_ONCE;
  }
  tf.dispose([known, norms]);
  return distances;
}
