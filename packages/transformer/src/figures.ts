import { RandomStream } from '@motley/core';
import { type Figure, page, section, table } from '@motley/run/node';
import { attentionFigures } from './attention-figures.ts';
import { framed, lengthOf } from './batches.ts';
import type { TransformerConfig } from './config.ts';
import type { SentencePair } from './corpora/sentence-pair.ts';
import { encodePairs, type TranslationData } from './data.ts';
import { scoreTranslations } from './evaluate.ts';
import type { Transformer } from './model.ts';
import { lengthFigure, playgroundAttentionFigures } from './playground/figures.ts';
import type { Translator } from './predict.ts';
import { playgroundHeldOut, type Problem } from './problem.ts';
import { FRAME, symbolLabels } from './vocabulary.ts';

/** Number of test sentences in the table of translations. */
const TRANSLATED_COUNT = 60;
/** Minimum length in symbols, on both sides, of the sentence in the attention maps. */
const ATTENTION_MIN_LENGTH = 10;

/** Figures of a trained network, by file name. */
export async function drawFigures(
  config: TransformerConfig,
  model: Transformer,
  { subject }: Problem,
): Promise<Record<string, Figure>> {
  if ('translation' in subject) return translationAttention(model, subject.translation);
  const heldOut = playgroundHeldOut(config);
  const { task, name } = subject;
  const random = RandomStream.fromSeed(config.data.seed).fork('attention');
  return {
    'by-length': lengthFigure(name, heldOut.maxLength, await task.measure(model, heldOut), task.baselines(heldOut)),
    ...(await playgroundAttentionFigures(model, name, heldOut.maxLength, random)),
  };
}

/** Attention maps for a test sentence and its reference. */
async function translationAttention(
  model: Transformer,
  { test, tokenizer }: TranslationData,
): Promise<Record<string, Figure>> {
  const pairs = encodePairs(test, tokenizer).toSorted((a, b) => lengthOf(a) - lengthOf(b));
  const chosen =
    pairs.find(({ source, target }) => Math.min(source.length, target.length) >= ATTENTION_MIN_LENGTH) ?? pairs.at(-1)!;
  const { source, input, target } = framed(chosen, FRAME);
  const labels = (symbols: readonly number[]): string[] => symbolLabels(tokenizer, symbols);
  return attentionFigures(model, {
    source,
    input,
    sourceLabels: labels(source),
    inputLabels: labels(input),
    outputLabels: labels(target),
  });
}

/** HTML page of test sentences with their translations, references and chrF. */
export async function translationsPage(translator: Translator, test: readonly SentencePair[]): Promise<string> {
  const shown = test.slice(0, TRANSLATED_COUNT);
  const translations = await translator.translate(shown.map(({ english }) => english));
  const rows = shown.map(({ english, german }, index) => {
    const translation = translations[index]!;
    return [english, translation, german, Number(scoreTranslations([translation], [german]).chrf.toFixed(1))];
  });
  return page('Translations of test sentences', [
    section('First sentences of the test set', table(['English', 'translation', 'reference', 'chrF'], rows)),
  ]);
}
