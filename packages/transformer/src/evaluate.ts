import { bleu, chrf, meanTerms } from '@motley/core';
import type { BatchSource, EvaluationLimits } from '@motley/run';
import type { PairBatch } from './batches.ts';
import type { Corpus, SentencePair } from './corpora/sentence-pair.ts';
import { TranslationMemory } from './corpora/translation-memory.ts';
import { translateWords } from './corpora/word-for-word.ts';
import { symbolCount, transformerLoss } from './loss.ts';
import type { Transformer } from './model.ts';
import type { Translator } from './predict.ts';

/** Mean loss over all target symbols, end symbols included, in nats per symbol. */
export async function measureLoss(
  model: Transformer,
  batches: BatchSource<PairBatch>,
  limits?: EvaluationLimits,
): Promise<number> {
  const termsOf = ({ source, input, target }: PairBatch) => transformerLoss(model.forward(source, input), target);
  const { loss } = await meanTerms(batches, termsOf, {
    ...limits,
    weightOf: ({ target }) => symbolCount(target),
  });
  return loss!;
}

/** BLEU and chrF, 0 to 100, as in sacreBLEU, and the fraction of translations equal to the reference. */
export function scoreTranslations(
  translations: readonly string[],
  references: readonly string[],
): Record<'bleu' | 'chrf' | 'exact', number> {
  const exact = translations.filter((translation, index) => translation === references[index]).length;
  return {
    bleu: bleu(translations, references).score,
    chrf: chrf(translations, references),
    exact: exact / references.length,
  };
}

/** Scores of a network's translations. */
export async function scoreTranslator(translator: Translator, pairs: readonly SentencePair[]) {
  const translations = await translator.translate(pairs.map(({ english }) => english));
  return scoreTranslations(
    translations,
    pairs.map(({ german }) => german),
  );
}

/**
 * Scores on the test sentences of translators without a network: copying the English; word for word, by the dictionary or
 * by an alignment of the training pairs; the translation of the nearest training sentence.
 */
export function baselines({
  training,
  test,
  words,
}: Omit<Corpus, 'validation'>): Record<string, Record<string, number>> {
  const references = test.map(({ german }) => german);
  const memory = new TranslationMemory(training);
  const scored = (translate: (english: string) => string): Record<string, number> =>
    scoreTranslations(
      test.map(({ english }) => translate(english)),
      references,
    );
  return {
    copying: scored((english) => english),
    wordForWord: scored((english) => translateWords(english, words)),
    nearestNeighbor: scored((english) => memory.nearest(english).german),
  };
}
