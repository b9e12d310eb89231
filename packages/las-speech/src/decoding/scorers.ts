import { UserError } from '@motley/run';
import type { Heard, ListenAttendSpell } from '../model.ts';
import { ctcScorer } from './ctc-scorer.ts';
import { type LanguageModel, languageScorer } from './language-model.ts';
import type { Scorer } from './scorer.ts';
import { spellingScorer, type SpellingOptions } from './spelling-scorer.ts';

export interface ScoringOptions extends SpellingOptions {
  /** Candidates kept for each sentence, K. */
  readonly beam: number;
  /** Share λ of the CTC head: (1 − λ) log P_attention + λ log P_ctc (Watanabe et al., 2017, equation 13). */
  readonly ctcWeight: number;
  readonly languageModel?: LanguageModel | undefined;
  /** Factor of the language model's log-probabilities. */
  readonly languageWeight: number;
}

/** Scorers of a search, at least one: the speller, and the CTC head where it has a weight. */
export function scorersOf(model: ListenAttendSpell, heard: Heard, options: ScoringOptions): Scorer[] {
  const { speller, ctc } = model;
  const { beam, languageModel, languageWeight } = options;
  const ctcWeight = speller === undefined ? 1 : ctc === undefined ? 0 : options.ctcWeight;
  const scorers: Scorer[] = [];
  if (speller !== undefined && ctcWeight < 1) {
    const memory = speller.attention.remember(heard.values, heard.lengths);
    scorers.push(spellingScorer(speller, memory, { ...options, weight: 1 - ctcWeight }));
  }
  if (ctc !== undefined && ctcWeight > 0) scorers.push(ctcScorer(ctc, heard, { beam, weight: ctcWeight }));
  if (scorers.length === 0) throw new UserError('decoding: expected a model with a speller or a CTC head, got none');
  const rows = heard.values.shape[0] * beam;
  if (languageModel !== undefined && languageWeight > 0)
    scorers.push(languageScorer(languageModel, { rows, weight: languageWeight }));
  return scorers;
}
