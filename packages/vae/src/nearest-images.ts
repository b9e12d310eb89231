import * as tf from '@tensorflow/tfjs-core';
import { imageBatches } from './batches.ts';
import { first, type Digits } from './data.ts';
import { read } from './sample.ts';

/** Nearest training images that are looked at. */
const NEIGHBORS = 5;
/** Training images that are searched at most: distances to all of them would take minutes. */
const SEARCHED = 20_000;
const IMAGES_AT_ONCE = 250;

/** What images are told apart by: images [B, P] in [0, 1] → [B, F]. */
export type FeatureMap = (images: tf.Tensor) => tf.Tensor;

/**
 * How far images are from the training images: the mean distance to the nearest five of the first 20,000. By pixels it
 * finds anomalies without a model.
 */
export class NearestImages {
  readonly #featuresOf: FeatureMap;
  readonly #known: tf.Tensor; // [T, F]
  readonly #norms: tf.Tensor; // [T]

  private constructor(known: tf.Tensor, featuresOf: FeatureMap) {
    this.#featuresOf = featuresOf;
    this.#known = known;
    this.#norms = tf.tidy(() => tf.sum(tf.square(known), 1));
  }

  static async of(training: Digits, featuresOf: FeatureMap = (images) => tf.clone(images)): Promise<NearestImages> {
    return new NearestImages(await featuresOfAll(first(training, SEARCHED), featuresOf), featuresOf);
  }

  /** Of each image: [N]. */
  async distances(digits: Digits): Promise<Float64Array> {
    const distances = new Float64Array(digits.count);
    let done = 0;
    for await (const { images } of imageBatches(digits, IMAGES_AT_ONCE).batches(0)) {
      const nearest = tf.tidy(() => {
        const features = this.#featuresOf(images); // [B, F]
        const products = tf.matMul(features, this.#known, false, true); // [B, T]
        const squares = tf.add(tf.sub(this.#norms, tf.mul(products, 2)), tf.sum(tf.square(features), 1, true));
        const { values } = tf.topk(tf.neg(squares), Math.min(NEIGHBORS, this.#known.shape[0]));
        return tf.mean(tf.sqrt(tf.relu(tf.neg(values))), 1);
      });
      images.dispose();
      distances.set(await read(nearest), done);
      done += IMAGES_AT_ONCE;
    }
    return distances;
  }

  dispose(): void {
    tf.dispose([this.#known, this.#norms]);
  }
}

async function featuresOfAll(digits: Digits, featuresOf: FeatureMap): Promise<tf.Tensor> {
  const parts: tf.Tensor[] = [];
  for await (const { images } of imageBatches(digits, IMAGES_AT_ONCE).batches(0)) {
    parts.push(tf.tidy(() => featuresOf(images)));
    images.dispose();
  }
  const features = tf.concat(parts);
  tf.dispose(parts);
  return features;
}
