import type { TransformerConfig } from '../config.ts';
import type { SentencePair } from '../corpora/sentence-pair.ts';
import { alignWords } from '../corpora/word-alignment.ts';
import { translationProblem, type Problem } from '../problem.ts';
import { learnVocabulary } from '../vocabulary.ts';
import { SMALL_PAIRS } from './pairs.ts';

/** Translation of small sentences, one in three held out. */
export function smallProblem(config: TransformerConfig, pairs: readonly SentencePair[] = SMALL_PAIRS): Problem {
  const training = pairs.filter((_, index) => index % 3 !== 1);
  const heldOut = pairs.filter((_, index) => index % 3 === 1);
  const tokenizer = learnVocabulary(
    training.flatMap(({ english, german }) => [english, german]),
    config.data.merges,
  );
  return translationProblem(config, {
    training,
    validation: heldOut,
    test: heldOut,
    words: alignWords(training),
    tokenizer,
  });
}
