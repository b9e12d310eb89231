import * as tf from '@tensorflow/tfjs-core';

/** How many candidates of a picture are sampled, and which share of them are objects, at most. */
export interface SampleOptions {
  readonly count: number;
  readonly objectShare: number;
}

/** A sample of candidates: `count` or, where there are fewer, all of them. */
export interface Sample {
  /** Places among the candidates, int32 [B, S]: first objects, then background. */
  readonly places: tf.Tensor;
  /** 1 for a sampled candidate; 0 fills up, [B, S]. */
  readonly weights: tf.Tensor;
}

/**
 * Samples candidates at random, objects up to their share and background for the rest (Ren et al., 2015, section 3.1.3).
 *
 * @param labels int32 [B, N]: classes, 0 for background, -1 for what is not sampled
 * @param noise uniform in [0, 1), [B, N]: of each kind, the candidates with the largest values are sampled
 */
export function sample(labels: tf.Tensor, noise: tf.Tensor, { count, objectShare }: SampleOptions): Sample {
  const total = labels.shape[1]!;
  const most = Math.min(total, Math.floor(count * objectShare));
  const positive = tf.add(noise, 1); // above 0, so that 0 says no
  const objects = tf.mul(positive, tf.cast(tf.greater(labels, 0), 'float32'));
  const smallest = tf.slice(tf.topk(objects, most).values, [0, most - 1], [-1, 1]); // [B, 1]
  const chosen = tf.mul(objects, tf.cast(tf.greaterEqual(objects, smallest), 'float32'));
  const background = tf.mul(positive, tf.cast(tf.equal(labels, 0), 'float32'));
  const keys = tf.add(tf.mul(chosen, 2), background); // objects from 2 to 4, background from 1 to 2
  const { values, indices } = tf.topk(keys, Math.min(count, total));
  return { places: indices, weights: tf.cast(tf.greater(values, 0), 'float32') };
}
