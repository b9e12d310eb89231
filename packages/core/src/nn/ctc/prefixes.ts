import * as tf from '@tensorflow/tfjs-core';
import { logSumExp } from '../log-sum-exp.ts';
import { requireBlank, within } from './examples.ts';
import { asLogarithms, atLeastLogZero, LOG_ZERO, logAddExp, shifted } from './logarithms.ts';

/** Log-probabilities of a sequence for each row of a beam, and how its classes are used. */
export interface CtcPrefixes {
  /** From `ctcLogProbabilities`, float32 [R, T, V]. */
  readonly logProbabilities: tf.Tensor;
  /** Class of the blank. Default 0. */
  readonly blank?: number;
}

/**
 * Log-probabilities [R, T, V] for the functions of prefixes. Beyond the length of a row, the blank is certain, which
 * changes no prefix's probability, so those functions need no lengths.
 * @param logits float32 [R, T, V]
 * @param lengths int32 [R]
 * @throws RangeError naming a blank outside the classes
 */
export function ctcLogProbabilities(
  logits: tf.Tensor,
  lengths: tf.Tensor,
  { blank = 0 }: { readonly blank?: number } = {},
): tf.Tensor {
  const [, time, classes] = logits.shape as [number, number, number];
  requireBlank(blank, classes, 'ctcLogProbabilities');
  return tf.tidy(() => {
    const present = tf.expandDims(within(lengths, time), 2); // [R, T, 1]
    const cleaned = tf.where(present, logits, tf.zerosLike(logits)); // padding may be NaN
    const isBlank = tf.equal(tf.range(0, classes, 1, 'int32'), tf.scalar(blank, 'int32')); // [V]
    return tf.where(present, atLeastLogZero(tf.logSoftmax(cleaned)), asLogarithms(isBlank));
  });
}

/**
 * State of the empty prefix, float32 [R, T + 1, 2]: at each time 0 … T the log-probabilities of the paths so far that
 * spell the prefix, first of those that end in its last symbol, then of those that end in a blank (γⁿ and γᵇ of Watanabe
 * et al. 2017, Hybrid CTC/Attention Architecture for End-to-End Speech Recognition, algorithm 2).
 */
export function ctcPrefixStart({ logProbabilities, blank = 0 }: CtcPrefixes): tf.Tensor {
  const [rows, time] = logProbabilities.shape as [number, number, number];
  return tf.tidy(() => {
    const blanks = tf.cumsum(classAt(logProbabilities, blank), 1); // [R, T]
    const inBlank = tf.concat([tf.zeros([rows, 1]), blanks], 1);
    return tf.stack([tf.fill([rows, time + 1], LOG_ZERO), inBlank], 2);
  });
}

/**
 * Log-probabilities of prefixes one symbol longer, float32 [R, V]: of all label sequences that begin with the prefix and
 * then the symbol (Ψ of Watanabe et al. 2017). Column `end` has that of the prefix as the whole sequence. −1e30 stands
 * for probability 0, which the blank has.
 * @param state float32 [R, T + 1, 2]
 * @param last last symbols of the prefixes, int32 [R]; any where a prefix is empty
 */
export function ctcPrefixScores(
  { logProbabilities, blank = 0 }: CtcPrefixes,
  state: tf.Tensor,
  last: tf.Tensor,
  end: number,
): tf.Tensor {
  const [rows, time, classes] = logProbabilities.shape as [number, number, number];
  return tf.tidy(() => {
    const symbols = tf.range(0, classes, 1, 'int32');
    const { inSymbol, inBlank } = partsOf(state);
    const before = (part: tf.Tensor) => tf.expandDims(tf.slice(part, [0, 0], [rows, time]), 2); // [R, T, 1]
    const isRepeated = tf.expandDims(tf.equal(tf.expandDims(last, 1), symbols), 1); // [R, 1, V]
    const arriving = tf.where(isRepeated, before(inBlank), before(logAddExp(inSymbol, inBlank))); // [R, T, V]
    const extended = logSumExp(tf.add(arriving, logProbabilities), 1); // [R, V]
    const whole = tf.slice(logAddExp(inSymbol, inBlank), [0, time], [rows, 1]); // [R, 1]
    const ofSymbols = tf.where(tf.equal(symbols, tf.scalar(end, 'int32')), whole, extended);
    const isBlank = tf.equal(symbols, tf.scalar(blank, 'int32'));
    return tf.where(isBlank, tf.fill([rows, classes], LOG_ZERO), atLeastLogZero(ofSymbols));
  });
}

/** The prefixes that a beam search keeps. */
export interface CtcExtension {
  /** Row of each prefix before its last symbol, int32 [N]. */
  readonly rows: tf.Tensor;
  /** New last symbol of each, int32 [N]. */
  readonly symbols: tf.Tensor;
}

/**
 * State [N, T + 1, 2] of prefixes with one more symbol, from the state [R, T + 1, 2] and the last symbols [R] of all
 * prefixes before. A symbol that no path spells, as the end, gives a state without a meaning.
 */
export function ctcPrefixExtend(
  { logProbabilities, blank = 0 }: CtcPrefixes,
  state: tf.Tensor,
  last: tf.Tensor,
  { rows, symbols }: CtcExtension,
): tf.Tensor {
  const [, time, classes] = logProbabilities.shape as [number, number, number];
  const [count] = rows.shape as [number];
  return tf.tidy(() => {
    const { inSymbol, inBlank } = partsOf(tf.gather(state, rows));
    const isRepeated = tf.expandDims(tf.equal(tf.gather(last, rows), symbols), 1); // [N, 1]
    const before = (part: tf.Tensor) => tf.slice(part, [0, 0], [count, time]);
    const arriving = before(tf.where(isRepeated, inBlank, logAddExp(inSymbol, inBlank))); // [N, T]
    const frames = tf.add(tf.expandDims(tf.mul(rows, tf.scalar(time, 'int32')), 1), tf.range(0, time, 1, 'int32'));
    const emitted = (classesOf: tf.Tensor) => {
      const places = tf.add(tf.mul(frames, tf.scalar(classes, 'int32')), classesOf); // [N, T]
      return tf.gather(tf.reshape(logProbabilities, [-1]), places);
    };
    const none = tf.fill([count, 1], LOG_ZERO);
    const nextInSymbol = recurrence(emitted(tf.expandDims(symbols, 1)), arriving);
    const leaving = tf.slice(tf.concat([none, nextInSymbol], 1), [0, 0], [count, time]);
    const nextInBlank = recurrence(emitted(tf.scalar(blank, 'int32')), leaving);
    return tf.stack([tf.concat([none, nextInSymbol], 1), tf.concat([none, nextInBlank], 1)], 2);
  });
}

/**
 * xₜ = aₜ + log(exp xₜ₋₁ + exp uₜ) along rows [N, T], x₀ = log 0. Two steps in a row are one of the same form, so
 * log₂ T rounds of doubling (Hillis & Steele 1986) compute all of them without a loop over time.
 */
function recurrence(a: tf.Tensor, u: tf.Tensor): tf.Tensor {
  const time = a.shape[1]!;
  let factors = a;
  let sums = tf.add(a, u);
  for (let reach = 1; reach < time; reach *= 2) {
    sums = logAddExp(sums, tf.add(factors, shifted(sums, reach, LOG_ZERO)));
    factors = tf.add(factors, shifted(factors, reach, 0));
  }
  return atLeastLogZero(sums);
}

function partsOf(state: tf.Tensor): { readonly inSymbol: tf.Tensor; readonly inBlank: tf.Tensor } {
  const [inSymbol, inBlank] = tf.unstack(state, 2) as [tf.Tensor, tf.Tensor]; // [R, T + 1]
  return { inSymbol, inBlank };
}

/** Column of a class, [R, T, V] → [R, T]. */
function classAt(logProbabilities: tf.Tensor, index: number): tf.Tensor {
  const [rows, time] = logProbabilities.shape as [number, number, number];
  return tf.reshape(tf.slice(logProbabilities, [0, 0, index], [rows, time, 1]), [rows, time]);
}
