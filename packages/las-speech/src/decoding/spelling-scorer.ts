import type { TensorTree } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { END } from '../alphabet.ts';
import type { Memory } from '../attention.ts';
import type { Speller, SpellerState } from '../speller.ts';
import { gathered, IMPOSSIBLE, repeatedRows } from './rows.ts';
import type { Scorer } from './scorer.ts';

const SPECIAL_COUNT = END + 1;

export interface SpellingOptions {
  /**
   * Factor f of the end-of-sentence threshold: the end is possible only where log P(end) > f · log P(best letter) (Hannun et
   * al., 2019, section 3.3). Null: always possible.
   */
  readonly endThreshold: number | null;
  /** Weight of the coverage: the number of listener's steps whose attention sums to more than `coverageThreshold`. */
  readonly coverageWeight: number;
  /** Attention that a step needs to count as covered (τ of Chorowski & Jaitly, 2017, section 3.2). */
  readonly coverageThreshold: number;
}

interface SpellingState extends Readonly<Record<string, TensorTree>> {
  readonly speller: SpellerState;
  /** Attention that each step has had, [R, U]; none where coverage counts nothing. */
  readonly attended: readonly tf.Tensor[];
}

/**
 * Log-probabilities of the speller.
 * @param memory the listener's, [B, U, …]
 * @param beam candidates of each sentence, K; there are R = B K rows
 */
export function spellingScorer(
  speller: Speller,
  memory: Memory,
  { beam, weight, ...options }: SpellingOptions & { readonly beam: number; readonly weight: number },
): Scorer {
  const { keys, values, penalties } = memory;
  const ofRows: Memory = {
    ...memory,
    keys: repeatedRows(keys, beam),
    values: repeatedRows(values, beam),
    penalties: repeatedRows(penalties, beam),
  };
  const { coverageWeight, coverageThreshold, endThreshold } = options;
  return {
    weight,
    begin(): SpellingState {
      const attended = coverageWeight === 0 ? [] : [tf.zerosLike(ofRows.penalties)];
      return { speller: speller.begin(ofRows), attended };
    },
    score(last, state) {
      const before = state as SpellingState;
      const { logits, state: next } = speller.spell(last, before.speller, ofRows);
      const attended = before.attended.map((sums) => tf.add(sums, next.weights));
      const [sums] = attended;
      return {
        logProbabilities: endsWithin(tf.logSoftmax(logits), endThreshold),
        ...(sums && { bonus: tf.mul(coverage(sums, coverageThreshold), coverageWeight) }),
        follow: (parents) => {
          const after: SpellingState = { speller: next, attended };
          return parents === undefined ? after : gathered(after, parents);
        },
      };
    },
  };
}

/** Number of steps whose attention exceeds the threshold: [R, U] → [R]. */
function coverage(attended: tf.Tensor, threshold: number): tf.Tensor {
  return tf.sum(tf.cast(tf.greater(attended, threshold), 'float32'), 1);
}

/** Log-probabilities [R, V] of which those of padding and begin are impossible, and of ends below the threshold. */
function endsWithin(logProbabilities: tf.Tensor, endThreshold: number | null): tf.Tensor {
  const [rows, size] = logProbabilities.shape as [number, number];
  const letters = tf.slice(logProbabilities, [0, SPECIAL_COUNT], [rows, size - SPECIAL_COUNT]);
  const end = tf.slice(logProbabilities, [0, END], [rows, 1]);
  const never = tf.fill([rows, 1], IMPOSSIBLE);
  const isLikely = endThreshold === null ? undefined : tf.greater(end, tf.mul(tf.max(letters, 1, true), endThreshold));
  const ends = isLikely === undefined ? end : tf.where(isLikely, end, never);
  return tf.concat([never, never, ends, letters], 1);
}
