import type { TensorTree } from '@motley/core';
import type * as tf from '@tensorflow/tfjs-core';

/** How likely a scorer finds each continuation of each candidate. R candidates, V symbols. */
interface Scored {
  /** Log-probabilities of the next symbol, `IMPOSSIBLE` where there is none, [R, V]. */
  readonly logProbabilities: tf.Tensor;
  /** Added to the score of each candidate and never accumulated, [R]. */
  readonly bonus?: tf.Tensor;
  /**
   * State of the candidates kept.
   * @param parents row that each continues, int32 [R]; undefined where each continues its own
   * @param symbols symbol that each continues with, int32 [R]
   */
  follow(parents: tf.Tensor | undefined, symbols: tf.Tensor): TensorTree;
}

/** One of the models that a search listens to. */
export interface Scorer {
  /** Factor of its log-probabilities. */
  readonly weight: number;
  /** State of candidates without a symbol: R rows in every tensor. */
  begin(): TensorTree;
  /** @param last symbol that each candidate ends with, at first the begin symbol: int32 [R] */
  score(last: tf.Tensor, state: TensorTree): Scored;
}
