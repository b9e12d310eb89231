import * as tf from '@tensorflow/tfjs-core';
import { imageBatches } from './batches.ts';
import { first, type Digits } from './data.ts';
import { read } from './sample.ts';

/** Nearest training images that are averaged. */
const NEIGHBORS = 5;
/** Most training images to search. Distances to all 60,000 would take minutes. */
const MAX_SEARCHED = 20_000;
const BATCH_SIZE = 250;

/** Features in which distances are measured: images [B, P] in [0, 1] → [B, F]. */
export type FeatureMap = (images: tf.Tensor) => tf.Tensor;

/**
 * Mean Euclidean distance to the five nearest of the first 20,000 training images. In pixels it detects anomalies
 * without a model.
 */
export class NearestImages {
  readonly #featuresOf: FeatureMap;
  readonly #training: tf.Tensor; // [T, F]
  readonly #norms: tf.Tensor; // [T]

  private constructor(training: tf.Tensor, featuresOf: FeatureMap) {
    this.#featuresOf = featuresOf;
    this.#training = training;
    this.#norms = tf.tidy(() => tf.sum(tf.square(training), 1));
  }

  /** @param featuresOf default: the pixels */
  static async of(training: Digits, featuresOf: FeatureMap = (images) => tf.clone(images)): Promise<NearestImages> {
    return new NearestImages(await featuresOfAll(first(training, MAX_SEARCHED), featuresOf), featuresOf);
  }

  /** Distance of each image: [N]. */
  async distances(digits: Digits): Promise<Float64Array> {
    const distances = new Float64Array(digits.count);
    let done = 0;
    for await (const { images } of imageBatches(digits, BATCH_SIZE).batches(0)) {
      const nearest = tf.tidy(() => {
        const features = this.#featuresOf(images); // [B, F]
        const products = tf.matMul(features, this.#training, false, true); // [B, T]
        const squares = tf.add(tf.sub(this.#norms, tf.mul(products, 2)), tf.sum(tf.square(features), 1, true));
        const { values } = tf.topk(tf.neg(squares), Math.min(NEIGHBORS, this.#training.shape[0]));
        return tf.mean(tf.sqrt(tf.relu(tf.neg(values))), 1);
      });
      images.dispose();
      distances.set(await read(nearest), done);
      done += BATCH_SIZE;
    }
    return distances;
  }

  dispose(): void {
    tf.dispose([this.#training, this.#norms]);
  }
}

async function featuresOfAll(digits: Digits, featuresOf: FeatureMap): Promise<tf.Tensor> {
  const parts: tf.Tensor[] = [];
  for await (const { images } of imageBatches(digits, BATCH_SIZE).batches(0)) {
    parts.push(tf.tidy(() => featuresOf(images)));
    images.dispose();
  }
  const features = tf.concat(parts);
  tf.dispose(parts);
  return features;
}
