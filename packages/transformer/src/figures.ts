import { RandomStream } from '@motley/core';
import type { MetricRecord } from '@motley/run';
import { type Figure, lineChart, page, section, table } from '@motley/run/node';
import { attentionFigures } from './attention-figures.ts';
import { framed, lengthOf } from './batches.ts';
import type { TransformerConfig } from './config.ts';
import type { SentencePair } from './corpora/sentence-pair.ts';
import { encodePairs, type TranslationData } from './data.ts';
import { judge } from './evaluate.ts';
import type { Transformer } from './model.ts';
import { lengthFigure, playgroundAttentionFigures } from './playground/figures.ts';
import type { Translator } from './predict.ts';
import { playgroundHeldOut, type Problem } from './problem.ts';
import { FRAME } from './vocabulary.ts';

/** Test sentences in the table of translations. */
const TRANSLATED = 60;
/** Symbols at least, on either side, of the sentence whose attention is drawn: no more than can be read beside a map. */
const ATTENDED = 10;

/** All pictures of a trained network, by file name. */
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

/** What every head attends to while the network reads the reference of a test sentence. */
async function translationAttention(
  model: Transformer,
  { test, tokenizer }: TranslationData,
): Promise<Record<string, Figure>> {
  const pairs = encodePairs(test, tokenizer).toSorted((a, b) => lengthOf(a) - lengthOf(b));
  const chosen =
    pairs.find(({ source, target }) => Math.min(source.length, target.length) >= ATTENDED) ?? pairs.at(-1)!;
  const { source, input, target } = framed(chosen, FRAME);
  const labels = (symbols: readonly number[]): string[] =>
    symbols.map((symbol) =>
      symbol === FRAME.begin ? '⊢' : symbol === FRAME.end ? '⊣' : tokenizer.decode([symbol]).replace(/^ /u, '␣'),
    );
  return attentionFigures(model, {
    source,
    input,
    sourceLabels: labels(source),
    inputLabels: labels(input),
    outputLabels: labels(target),
  });
}

/** Loss against steps: training's with label smoothing, validation's without. */
/** A page of test sentences, their translations and the references, with each one's chrF. */
export async function translationsPage(translator: Translator, test: readonly SentencePair[]): Promise<string> {
  const shown = test.slice(0, TRANSLATED);
  const translations = await translator.translate(shown.map(({ english }) => english));
  const rows = shown.map(({ english, german }, index) => {
    const translation = translations[index]!;
    return [english, translation, german, Number(judge([translation], [german]).chrf.toFixed(1))];
  });
  return page('Translations of test sentences', [
    section('The first of them, as they come', table(['English', 'translated', 'reference', 'chrF'], rows)),
  ]);
}
