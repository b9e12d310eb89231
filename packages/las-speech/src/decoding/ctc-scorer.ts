import {
  ctcLogProbabilities,
  ctcPrefixExtend,
  type CtcPrefixes,
  ctcPrefixScores,
  ctcPrefixStart,
  type Linear,
  type TensorTree,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { BEGIN, END, PADDING } from '../alphabet.ts';
import type { Heard } from '../model.ts';
import { IMPOSSIBLE, repeatedRows } from './rows.ts';
import type { Scorer } from './scorer.ts';

interface PrefixState extends Readonly<Record<string, TensorTree>> {
  readonly paths: tf.Tensor; // [R, U + 1, 2]
  readonly sums: tf.Tensor; // [R], log-probability of the prefix
}

/**
 * Log-probabilities of prefixes by the CTC head (Watanabe et al., 2017, algorithm 2), as those of the next symbol given the
 * prefix: their sum over a transcript is log P(transcript).
 * @param beam candidates of each sentence, K; there are R = B K rows
 */
export function ctcScorer(
  head: Linear,
  { values, lengths }: Heard,
  { beam, weight }: { readonly beam: number; readonly weight: number },
): Scorer {
  const logProbabilities = ctcLogProbabilities(head.forward(values), lengths, { blank: PADDING }); // [B, U, V]
  const prefixes: CtcPrefixes = { logProbabilities: repeatedRows(logProbabilities, beam), blank: PADDING };
  const [rows] = prefixes.logProbabilities.shape as [number, number, number];
  return {
    weight,
    begin: (): PrefixState => ({ paths: ctcPrefixStart(prefixes), sums: tf.zeros([rows]) }),
    score(last, state) {
      const { paths, sums } = state as PrefixState;
      const scores = withoutBegin(ctcPrefixScores(prefixes, paths, last, END)); // [R, V]
      // The paths of an impossible prefix say nothing, so its continuations may seem probable.
      const next = tf.clipByValue(tf.sub(scores, tf.expandDims(sums, 1)), IMPOSSIBLE, 0);
      return {
        logProbabilities: next,
        follow(parents, symbols): PrefixState {
          const rowOfEach = parents ?? tf.range(0, rows, 1, 'int32');
          const size = scores.shape[1]!;
          const cells = tf.add(tf.mul(rowOfEach, tf.scalar(size, 'int32')), symbols);
          return {
            paths: ctcPrefixExtend(prefixes, paths, last, { rows: rowOfEach, symbols }),
            sums: tf.gather(tf.reshape(scores, [-1]), cells),
          };
        },
      };
    },
  };
}

/** No transcript has a begin symbol inside, whatever an untrained head says. */
function withoutBegin(scores: tf.Tensor): tf.Tensor {
  const isBegin = tf.equal(tf.range(0, scores.shape[1]!, 1, 'int32'), tf.scalar(BEGIN, 'int32'));
  return tf.where(isBegin, tf.fill(scores.shape, IMPOSSIBLE), scores);
}
