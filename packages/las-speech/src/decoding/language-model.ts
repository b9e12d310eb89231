import type { TensorTree } from '@motley/core';
import type * as tf from '@tensorflow/tfjs-core';
import { gathered } from './rows.ts';
import type { Scorer } from './scorer.ts';

/** A model of text, letter by letter. R rows, V symbols of the alphabet. */
export interface LanguageModel {
  /** State before the first letter: R rows in every tensor. */
  begin(rows: number): TensorTree;
  /**
   * @param symbols letters read, at first the begin symbol: int32 [R]
   * @returns log-probabilities of the next symbols, the end included, [R, V], and the state after the letters
   */
  step(symbols: tf.Tensor, state: TensorTree): { readonly logProbabilities: tf.Tensor; readonly state: TensorTree };
}

/** Shallow fusion: log-probabilities of a language model (Gulcehre et al., 2015, section 4.1). */
export function languageScorer(
  model: LanguageModel,
  { rows, weight }: { readonly rows: number; readonly weight: number },
): Scorer {
  return {
    weight,
    begin: () => model.begin(rows),
    score(last, before) {
      const { logProbabilities, state } = model.step(last, before);
      return {
        logProbabilities,
        follow: (parents) => (parents === undefined ? state : gathered(state, parents)),
      };
    },
  };
}
