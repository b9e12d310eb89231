import { bleu, chrf, meanTerms } from '@motley/core';
import type { BatchSource, EvaluationLimits } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { PairBatch } from './batches.ts';
import type { Corpus, SentencePair } from './corpora/sentence-pair.ts';
import { TranslationMemory } from './corpora/translation-memory.ts';
import { translateWords } from './corpora/word-for-word.ts';
import { transformerLoss } from './loss.ts';
import { PADDING } from './masks.ts';
import type { Transformer } from './model.ts';
import type { Translator } from './predict.ts';

/** Nats per symbol of the targets, their ends among them: each symbol counts the same. */
export async function measureLoss(
  model: Transformer,
  batches: BatchSource<PairBatch>,
  limits?: EvaluationLimits,
): Promise<number> {
  const termsOf = ({ source, input, target }: PairBatch) => {
    const symbols = tf.mean(tf.sum(tf.cast(tf.notEqual(target, PADDING), 'float32'), 1)); // of a sentence
    return { nats: tf.mul(transformerLoss(model.forward(source, input), target).loss, symbols), symbols };
  };
  const { nats, symbols } = await meanTerms(batches, termsOf, limits);
  return nats! / symbols!;
}

/** BLEU and chrF, 0 to 100, as sacreBLEU has them, and the share of translations that are the reference itself. */
export function judge(
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

/** What a network's translations of sentences are worth. */
export async function judgeTranslator(translator: Translator, pairs: readonly SentencePair[]) {
  const translations = await translator.translate(pairs.map(({ english }) => english));
  return judge(
    translations,
    pairs.map(({ german }) => german),
  );
}

/**
 * What needs no network, on the test sentences: the English itself; each word by the dictionary (or by an alignment of
 * the training pairs); the translation of the training pair whose English is most similar.
 */
export function baselines({
  training,
  test,
  words,
}: Omit<Corpus, 'validation'>): Record<string, Record<string, number>> {
  const references = test.map(({ german }) => german);
  const memory = new TranslationMemory(training);
  const judged = (translate: (english: string) => string): Record<string, number> =>
    judge(
      test.map(({ english }) => translate(english)),
      references,
    );
  return {
    copying: judged((english) => english),
    wordForWord: judged((english) => translateWords(english, words)),
    nearestNeighbour: judged((english) => memory.nearest(english).german),
  };
}
