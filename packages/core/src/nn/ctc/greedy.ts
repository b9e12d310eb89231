import * as tf from '@tensorflow/tfjs-core';
import { tidied } from '../../control-flow/tree.ts';
import { sumByIndex } from '../sum-by-index.ts';
import { requireBlank, within } from './examples.ts';
import { shifted } from './logarithms.ts';

/** Label sequences of different lengths. */
export interface CtcLabels {
  /** int32 [B, T], blanks beyond the lengths. */
  readonly labels: tf.Tensor;
  /** int32 [B] */
  readonly lengths: tf.Tensor;
}

/**
 * Labels of the most probable path (best path decoding, Graves et al. 2006): the largest logit of each time, repetitions
 * merged, blanks removed. It is a pure tensor function, so it can be compiled.
 * @param logits float32 [B, T, V]
 * @param logitLengths int32 [B]
 * @throws RangeError naming a blank outside the classes
 */
export function ctcGreedy(
  logits: tf.Tensor,
  logitLengths: tf.Tensor,
  { blank = 0 }: { readonly blank?: number } = {},
): CtcLabels {
  const [batch, time, classes] = logits.shape as [number, number, number];
  requireBlank(blank, classes, 'ctcGreedy');
  return tidied(() => {
    const path = tf.cast(tf.argMax(logits, 2), 'int32'); // [B, T]
    const isNew = tf.notEqual(path, shifted(path, 1, blank));
    const isLabel = tf.notEqual(path, tf.scalar(blank, 'int32'));
    const isKept = tf.logicalAnd(tf.logicalAnd(isNew, isLabel), within(logitLengths, time));
    const kept = tf.cast(isKept, 'int32');
    const positions = tf.cumsum(kept, 1, true); // how many are kept before
    const firsts = tf.expandDims(tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(time, 'int32')), 1);
    // All others add 0 to a place that exists. Float32 holds the sums: they are classes.
    const places = tf.where(isKept, tf.add(positions, firsts), tf.zerosLike(path));
    const beyondBlank = tf.mul(tf.sub(path, tf.scalar(blank, 'int32')), kept);
    const sums = sumByIndex(tf.cast(tf.reshape(beyondBlank, [-1]), 'float32'), tf.reshape(places, [-1]), batch * time);
    const labels = tf.add(tf.cast(tf.reshape(sums, [batch, time]), 'int32'), tf.scalar(blank, 'int32'));
    return { labels, lengths: tf.cast(tf.sum(kept, 1), 'int32') };
  });
}
