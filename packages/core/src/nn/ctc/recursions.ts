import * as tf from '@tensorflow/tfjs-core';
import { scan } from '../../control-flow/scan.ts';
import { logSumExp } from '../log-sum-exp.ts';
import { asLogarithms, atLeastLogZero, LOG_ZERO, shifted } from './logarithms.ts';

/** Sequences and their labels, without anything beyond the lengths. */
export interface CtcExamples {
  /** Logits at times within the sequence, 0 elsewhere. */
  readonly logits: tf.Tensor; // [B, T, V]
  /** Whether a time is within the sequence, bool. */
  readonly present: tf.Tensor; // [B, T]
  /** Labels, blanks elsewhere, int32. */
  readonly labels: tf.Tensor; // [B, L]
  readonly labelLengths: tf.Tensor; // int32 [B]
  readonly blank: number;
}

/** Losses −log p(labels | logits), +∞ where no path exists. Gradients ∂loss/∂logits are 0 there. */
export interface CtcResult {
  readonly losses: tf.Tensor; // [B]
  readonly byLogits: tf.Tensor; // [B, T, V]
}

/**
 * Log-probabilities of the states, [2 B, S], less the offset of each row, [2 B, 1]. The largest is 0, so that sums over a
 * long sequence lose no digits.
 */
type Row = Readonly<Record<'row' | 'offset', tf.Tensor>>;

/**
 * Forward and backward recursions (Graves et al. 2006, equations 5 to 16) over S = 2 L + 1 states: the labels, a blank
 * before each and one at the end. The backward recursion is the forward recursion of the reversed sequence, so one loop
 * of T rounds runs both, as rows of one matrix [2 B, S].
 */
export function ctcRecursions({ logits, present, labels, labelLengths, blank }: CtcExamples): CtcResult {
  const [batch, time, classes] = logits.shape as [number, number, number];
  if (batch === 0) return { losses: tf.zeros([0]), byLogits: tf.zerosLike(logits) };
  const states = 2 * labels.shape[1]! + 1;
  const path = withBlanks(labels, blank); // [B, S]
  const emissions = emissionsOf(logits, path); // [T, B, S]
  const times = tf.expandDims(tf.transpose(present), 2); // [T, B, 1]
  const end = tf.mul(labelLengths, tf.scalar(2, 'int32')); // [B], the last blank
  const starts = [isState(tf.zerosLike(end), states), tf.reverse(isState(end, states), 1)];
  const skips = skipsOf(tf.concat([path, tf.reverse(path, 1)]), blank); // [2 B, S]
  const { carry, output } = scan(
    ({ row, offset }: Row, [emission, isPresent]: readonly tf.Tensor[]) => {
      const all = tf.add(logSumOfPredecessors(row, skips), emission!);
      const largest = tf.max(all, 1, true); // [2 B, 1]
      const next = tf.where(isPresent!, tf.sub(all, largest), row);
      return { carry: { row: next, offset: tf.where(isPresent!, tf.add(offset, largest), offset) }, output: next };
    },
    { row: asLogarithms(tf.concat(starts)), offset: tf.zeros([2 * batch, 1]) },
    [tf.concat([emissions, tf.reverse(emissions, [0, 2])], 1), tf.concat([times, tf.reverse(times, 0)], 1)],
  );
  const isFinal = tf.logicalOr(isState(end, states), isState(tf.sub(end, tf.scalar(1, 'int32')), states));
  const atEnd = tf.add(tf.slice(carry.row, [0, 0], [batch, states]), tf.slice(carry.offset, [0, 0], [batch, 1]));
  const logLikelihoods = logSumExp(tf.where(isFinal, atEnd, tf.fill(atEnd.shape, LOG_ZERO)), 1); // [B]
  const isImpossible = tf.less(logLikelihoods, LOG_ZERO / 2);
  const forward = tf.slice(output, [0, 0, 0], [time, batch, states]);
  const backward = tf.reverse(tf.slice(output, [0, batch, 0], [time, batch, states]), [0, 2]);
  // Both include the emission. Each path is in one state at a time, so their products are normalized over the states.
  const occupancies = tf.softmax(tf.sub(tf.add(forward, backward), emissions)); // [T, B, S]
  const posteriors = tf.matMul(
    tf.transpose(occupancies, [1, 0, 2]),
    tf.cast(tf.equal(tf.expandDims(path, 2), tf.range(0, classes, 1, 'int32')), 'float32'),
  );
  const counts = tf.logicalAnd(present, tf.expandDims(tf.logicalNot(isImpossible), 1)); // [B, T]
  return {
    losses: tf.where(isImpossible, tf.fill([batch], Infinity), tf.sub(tf.scalar(0), logLikelihoods)),
    byLogits: tf.where(tf.expandDims(counts, 2), tf.sub(tf.softmax(logits), posteriors), tf.zerosLike(logits)),
  };
}

/** Labels [B, L] with a blank before each and one at the end, [B, 2 L + 1]. */
function withBlanks(labels: tf.Tensor, blank: number): tf.Tensor {
  const [batch, length] = labels.shape as [number, number];
  const pairs = tf.stack([tf.fill([batch, length], blank, 'int32'), labels], 2); // [B, L, 2]
  return tf.concat([tf.reshape(pairs, [batch, 2 * length]), tf.fill([batch, 1], blank, 'int32')], 1);
}

/** Log-probabilities of a path's symbols [B, S] at all times, [T, B, S]. */
function emissionsOf(logits: tf.Tensor, path: tf.Tensor): tf.Tensor {
  const [batch, time, classes] = logits.shape as [number, number, number];
  const rows = tf.reshape(tf.transpose(tf.logSoftmax(logits), [1, 0, 2]), [time, batch * classes]);
  const firsts = tf.expandDims(tf.range(0, batch * classes, classes, 'int32'), 1); // [B, 1]
  const emissions = tf.gather(rows, tf.reshape(tf.add(path, firsts), [-1]), 1);
  return tf.reshape(atLeastLogZero(emissions), [time, ...path.shape]);
}

/** 0 where a path [B, S] may come from the state before the last one, else LOG_ZERO: at labels that differ from it. */
function skipsOf(path: tf.Tensor, blank: number): tf.Tensor {
  const isLabel = tf.notEqual(path, tf.scalar(blank, 'int32'));
  return asLogarithms(tf.logicalAnd(isLabel, tf.notEqual(path, shifted(path, 2, blank))));
}

/** log(eˣ + eʸ + eᶻ) of each state [N, S], the one before it, and the one before that where it may be skipped. */
function logSumOfPredecessors(row: tf.Tensor, skips: tf.Tensor): tf.Tensor {
  const candidates = [row, shifted(row, 1, LOG_ZERO), tf.add(shifted(row, 2, LOG_ZERO), skips)];
  const largest = candidates.reduce((a, b) => tf.maximum(a, b));
  const sum = candidates.map((each) => tf.exp(tf.sub(each, largest))).reduce((a, b) => tf.add(a, b));
  return tf.add(largest, tf.log(sum));
}

/** One-hot rows of states, bool [B, S]; none for a negative state. */
function isState(state: tf.Tensor, states: number): tf.Tensor {
  return tf.equal(tf.expandDims(state, 1), tf.range(0, states, 1, 'int32'));
}
