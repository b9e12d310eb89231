import { ctcLoss, type LossTerms, softmaxCrossEntropy } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { END, PADDING } from './alphabet.ts';
import type { Heard } from './model.ts';

/** Number of symbols that are not padding, the end included: a float32 scalar. */
export function symbolCount(transcripts: tf.Tensor): tf.Tensor {
  return tf.sum(tf.cast(tf.notEqual(transcripts, PADDING), 'float32'));
}

/**
 * Cross-entropy of the speller, −1/N Σ log P(yᵢ | x, y₍ᵢ₎), in nats per symbol, and the share of symbols that come first.
 * @param logits [B, L, V]
 * @param transcripts int32 [B, L], each with its end
 */
export function spellingLoss(logits: tf.Tensor, transcripts: tf.Tensor, labelSmoothing: number): LossTerms {
  const isFirst = tf.equal(tf.cast(tf.argMax(logits, -1), 'int32'), transcripts);
  const hits = tf.logicalAnd(isFirst, tf.notEqual(transcripts, PADDING));
  return {
    loss: softmaxCrossEntropy(logits, transcripts, { labelSmoothing, ignoreIndex: PADDING }),
    accuracy: tf.div(tf.sum(tf.cast(hits, 'float32')), symbolCount(transcripts)),
  };
}

/**
 * CTC loss of the listener, −1/N Σ log P(y | x), in nats per symbol (Graves et al., 2006). A transcript with more letters
 * than the listener has steps counts nothing.
 * @param logits [B, U, V]
 * @param transcripts int32 [B, L], each with its end
 */
export function listeningLoss(logits: tf.Tensor, { lengths }: Heard, transcripts: tf.Tensor): tf.Tensor {
  const isLetter = tf.logicalAnd(tf.notEqual(transcripts, PADDING), tf.notEqual(transcripts, END));
  const letters = tf.mul(transcripts, tf.cast(isLetter, 'int32'));
  const letterCounts = tf.sum(tf.cast(isLetter, 'int32'), 1);
  const losses = ctcLoss(logits, lengths, letters, letterCounts, { blank: PADDING, zeroInfinity: true }); // [B]
  return tf.div(tf.sum(losses), symbolCount(transcripts));
}

/** Value at a step that moves in a straight line from `start` to `end` over all steps: a scalar. */
export function linear(step: tf.Tensor, totalSteps: number, start: number, end: number): tf.Tensor {
  const progress = tf.minimum(tf.div(tf.cast(step, 'float32'), totalSteps), 1);
  return tf.add(tf.mul(progress, end - start), start);
}
